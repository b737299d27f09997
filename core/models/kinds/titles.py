"""What a model is, in words: noun phrases for lists and refusals."""

from __future__ import annotations

from typing import Final

from .families import title_of
from .folders import RUNTIMES
from .identity import Identity

ALGORITHMS: Final = {
    "lora": "a LoRA", "dora": "a DoRA", "loha": "a LoHa", "lokr": "a LoKr", "ia3": "an (IA)³", "oft": "an OFT",
    "glora": "a GLoRA", "full": "a difference of weights", "norm": "a difference of norms",
}  # fmt: skip
"""Ways of changing a model, as noun phrases."""

NOUNS: Final = {
    "embedding": "an embedding", "vae": "a VAE", "controlnet": "a ControlNet", "t2i-adapter": "a T2I-Adapter",
    "ip-adapter": "an IP-Adapter", "style-model": "a style model", "motion-module": "a motion module",
    "hypernetwork": "a hypernetwork",
}  # fmt: skip
"""Kinds that belong to a family, as noun phrases."""

NAMES: Final = {
    "clip": "CLIP", "clip-l": "CLIP L", "clip-h": "OpenCLIP H", "clip-g": "OpenCLIP bigG", "t5": "T5",
    "t5-xxl": "T5 XXL", "umt5": "UMT5", "umt5-xxl": "UMT5 XXL", "byt5": "ByT5", "gemma2": "Gemma 2",
    "gemma3": "Gemma 3", "glm4": "GLM-4", "qwen2": "Qwen2", "qwen2.5-vl": "Qwen2.5-VL", "qwen3": "Qwen3",
    "qwen3-0.6b": "Qwen3 0.6B", "qwen3-4b": "Qwen3 4B", "qwen3-8b": "Qwen3 8B", "qwen3-vl": "Qwen3-VL",
    "llama": "Llama 3.1", "mistral3": "Mistral 3", "chatglm3": "ChatGLM3", "clip-vision": "CLIP", "siglip": "SigLIP",
    "dino": "DINOv2", "esrgan": "ESRGAN", "compact": "Real-ESRGAN Compact", "span": "SPAN", "swinir": "SwinIR",
    "swin2sr": "Swin2SR", "hat": "HAT", "dat": "DAT", "plksr": "PLKSR", "mosr": "MoSR", "omnisr": "OmniSR",
    "gfpgan": "GFPGAN", "codeformer": "CodeFormer", "restoreformer": "RestoreFormer", "lama": "LaMa", "vae": "a VAE",
}  # fmt: skip
"""The names of encoders, upscalers and restorers as their makers write them."""


def describe(identity: Identity) -> str:
    """Return what a model is as a noun phrase: `Stable Diffusion XL (inpainting)`, `a LoRA for FLUX.1`."""
    kind = identity.kind
    if kind == "model":
        return (title_of(identity.family) or "a model of an unknown family") + _in_brackets(
            identity.variant, identity.quant
        )
    if kind == "lora":
        return ALGORITHMS[str(identity.facts.get("algorithm", "lora"))] + _for(identity)
    if kind in NOUNS:
        return NOUNS[kind] + _for(identity) + _in_brackets(identity.variant)
    if kind in ("text-encoder", "image-encoder"):
        return f"the {kind.replace('-', ' ')} {_name(identity)}"
    if kind in ("upscaler", "restorer"):
        scale = identity.facts.get("scale")
        return f"{'an' if kind == 'upscaler' else 'a'} {kind}" + _in_brackets(
            _name(identity), f"{scale}x" if scale else ""
        )
    return _other(identity)


def name_of_part(part: str) -> str:
    """Return the name of a part that a model lacks: `a VAE`, `T5 XXL`."""
    return NAMES.get(part, part)


def _for(identity: Identity) -> str:
    """Return for which families something is made, all of them if its tensors do not tell them apart."""
    titles = [title_of(family) for family in (identity.fits or (identity.family,)) if family]
    shown = [title_of(identity.family)] if identity.family and len(titles) > 3 else titles
    listed = ", ".join(shown[:-1]) + " or " + shown[-1] if len(shown) > 1 else "".join(shown)
    return f" for {listed}" if listed else ""


def _in_brackets(*notes: str) -> str:
    shown = ", ".join([note for note in notes if note])
    return f" ({shown})" if shown else ""


def _name(identity: Identity) -> str:
    return NAMES.get(identity.family, identity.family)


def _other(identity: Identity) -> str:
    if identity.family in RUNTIMES:
        return f"a file for {RUNTIMES[identity.family]}"
    return f"a model for another purpose ({identity.family})" if identity.family else "a model of an unknown kind"

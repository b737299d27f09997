"""Rules that say which family of models an adapter is made for, from the layers that it changes.

The names are canonical paths of `adapters`: dots only. Metadata decides between families that share their layers.
Sources: InvokeAI backend/model_manager/configs/lora.py and tests/backend/patches/lora_conversions/; diffusers
loaders/lora_conversion_utils.py; kohya-ss sd-scripts library/sai_model_spec.py (names of architectures).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .conditions import Names
from .rule import Rule, RuleMatch, first_match


def _lora(family: str, when: str, fits: tuple[str, ...] = (), variants: tuple[tuple[str, str], ...] = ()) -> Rule:
    return Rule("lora", family, when, variants=variants, fits=fits)


_TEXT = (
    "*attentions.#.transformer.blocks.#.attn2.to.k[1]={0}|*put.blocks.#.#.transformer.blocks.#.attn2.to.k[1]={0}"
    "|middle.block.#.transformer.blocks.#.attn2.to.k[1]={0}"
)
_DEEP = "*attentions.#.transformer.blocks.2.*|*blocks.#.#.transformer.blocks.2.*"
_UNET = "*down.blocks.#.*|*up.blocks.#.*|*mid.block.*|input.blocks.#.*|output.blocks.#.*|middle.block.#.*"
_UNETS = ("sd1", "sd2", "sdxl")
_FLUX = (
    "double.blocks.#.img.attn.*|double.blocks.#.txt.attn.*|double.blocks.#.qkv|double.blocks.#.proj"
    "|single.blocks.#.*|single.transformer.blocks.#.*"
)
_FLUX_VARIANTS = (("control", "img.in[1]=128|x.embedder[1]=128"), ("fill", "img.in[1]=384|x.embedder[1]=384"))
_KLEIN = (
    (
        "klein-4b",
        "txt.in[1]=7680|context.embedder[1]=7680|double.blocks.#.img.mlp.0[0]=18432|single.blocks.#.linear1[0]=27648",
    ),
    ("klein-9b", "txt.in[1]=12288|context.embedder[1]=12288|*img.attn.proj[1]=4096|*attn.to.qkv.mlp.proj[1]=4096"),
    ("dev", "txt.in[1]=15360|context.embedder[1]=15360|*img.attn.proj[1]=6144|*attn.to.qkv.mlp.proj[1]=6144"),
    ("klein-4b", "*attn.to.qkv.mlp.proj[1]=3072"),
)

ADAPTER_FAMILIES: Final = (
    _lora("auraflow", "joint.transformer.blocks.#.*|double.layers.#.*"),
    _lora("hidream", "double.stream.blocks.#.*"),
    _lora("krea2", "txtfusion.*|text.fusion.*|blocks.#.attn.wq|transformer.blocks.#.attn.to.gate"),
    _lora(
        "hunyuan-video", "txt.in.individual.token.refiner.*|double.blocks.#.img.mod.linear|double.blocks.#.img.mlp.fc1"
    ),
    _lora("flux3", "*mode.blocks.#.*|single.blocks.#.q.proj"),
    _lora("ideogram4", "layers.#.attention.o|layers.#.adaln.modulation"),
    _lora("chroma", "distilled.guidance.layer.*"),
    _lora(
        "flux2",
        "double.stream.modulation.img.*|*attn.to.qkv.mlp.proj|transformer.blocks.#.ff.linear.in"
        "|txt.in[1]=7680,12288,15360|context.embedder[1]=7680,12288,15360|double.blocks.#.img.attn.proj[1]=4096,6144"
        "|double.blocks.#.img.attn.qkv[1]=4096,6144|double.blocks.#.img.mlp.0[0]=18432,24576,36864"
        "|single.blocks.#.linear1[1]=4096,6144|single.blocks.#.linear1[0]=27648",
        ("flux2",),
        _KLEIN,
    ),
    _lora("sd3", "joint.blocks.#.*|transformer.blocks.#.attn.add.k.proj[1]=1536,2432", ("sd3",)),
    _lora(
        "qwen-image",
        "transformer.blocks.#.img.mod.*|transformer.blocks.#.txt.mod.*|transformer.blocks.#.img.mlp.*|transformer.blocks.#.txt.mlp.*",
    ),
    _lora("flux1", _FLUX, ("flux1", "chroma"), _FLUX_VARIANTS),
    _lora("qwen-image", "transformer.blocks.30.attn.add.k.proj|transformer.blocks.59.attn.*"),
    _lora(
        "flux1",
        "transformer.blocks.#.norm1.context.*|transformer.blocks.#.ff.context.*",
        ("flux1", "chroma", "sd3"),
        _FLUX_VARIANTS,
    ),
    _lora("flux1", "transformer.blocks.#.attn.add.k.proj", ("flux1", "qwen-image", "sd3")),
    _lora(
        "z-image", "layers.#.attention.*[1]=3840|context.refiner.#.attention.*[1]=3840|layers.#.feed.forward.w1[1]=3840"
    ),
    _lora("lumina2", "layers.#.attention.*[1]=2304|layers.#.attn.to.q"),
    _lora("z-image", "layers.#.attention.*|layers.#.feed.forward.*", ("z-image", "lumina2")),
    _lora("anima", "llm.adapter.*"),
    _lora("anima", "blocks.#.cross.attn.q.proj|blocks.#.self.attn.q.proj|blocks.#.mlp.layer1", ("anima", "cosmos")),
    _lora("wan", "blocks.#.cross.attn.k|blocks.#.cross.attn.q|blocks.#.self.attn.q|blocks.#.ffn.#|blocks.#.attn2.to.k"),
    _lora("sana", "transformer.blocks.#.ff.conv.inverted|transformer.blocks.#.attn2.to.k[1]=2240"),
    _lora("sdxl", _TEXT.format(2048)),
    _lora("sdxl-refiner", _TEXT.format(1280)),
    _lora("sd2", _TEXT.format(1024)),
    _lora("sd1", _TEXT.format(768)),
    _lora("sdxl", f"{_UNET} {_DEEP}"),
    _lora("sdxl", f"{_UNET} te2.*"),
    _lora(
        "sd1",
        f"{_UNET} te.text.model.encoder.layers.#.mlp.fc1[1]=768|te1.text.model.encoder.layers.#.mlp.fc1[1]=768",
        _UNETS,
    ),
    _lora(
        "sd2", f"{_UNET} te.text.model.encoder.layers.#.mlp.fc1[1]=1024|te1.text.model.encoder.layers.#.mlp.fc1[1]=1024"
    ),
    _lora("sd1", f"{_UNET} *attentions.#.proj.in:4", ("sd1",)),
    _lora("sd1", _UNET, _UNETS),
    _lora("ltx-video", "transformer.blocks.#.attn2.to.k[1]=2048,4096"),
    _lora("pixart-sigma", "transformer.blocks.#.attn2.to.k[1]=1152", ("pixart-sigma", "pixart-alpha", "sana")),
    _lora("sdxl", "te1.* te2.*", ("sdxl", "sd3")),
    _lora("sd1", "te.text.model.encoder.layers.#.*", _UNETS),
    _lora("sd1", "te1.text.model.encoder.layers.#.*", ("sd1", "sd2", "sdxl", "flux1", "sd3")),
    _lora("", "*"),
)
"""Families in the order in which they are tried."""

ARCHITECTURES: Final = (
    ("stable-diffusion-v1", "sd1"), ("stable-diffusion-v2", "sd2"), ("stable-diffusion-xl-v1-refiner", "sdxl-refiner"),
    ("stable-diffusion-xl", "sdxl"), ("stable-diffusion-3", "sd3"), ("flux-1", "flux1"), ("flux1", "flux1"),
    ("flux-2", "flux2"), ("flux2", "flux2"), ("flux", "flux1"), ("chroma", "chroma"), ("lumina-2", "lumina2"),
    ("lumina", "lumina2"), ("qwen-image", "qwen-image"), ("qwen_image", "qwen-image"), ("z-image", "z-image"),
    ("zimage", "z-image"), ("z_image", "z-image"), ("hunyuan-video", "hunyuan-video"), ("wan", "wan"),
    ("anima", "anima"),
    ("sd_v1", "sd1"), ("sd_1", "sd1"), ("sd1", "sd1"), ("sd_v2", "sd2"), ("sd_2", "sd2"), ("sdxl", "sdxl"),
    ("sd3", "sd3"),
    ("krea-2", "krea2"), ("krea2", "krea2"), ("hidream", "hidream"), ("sana", "sana"), ("pony", "sdxl"),
)  # fmt: skip
"""The families by how metadata names them, `modelspec.architecture` and `ss_base_model_version`: starts of names."""


def match_adapter(layers: Names, metadata: Mapping[str, Any]) -> RuleMatch | None:
    """Return the family that an adapter is made for.

    What the file says about itself decides only between families that its layers allow.
    """
    match = first_match(ADAPTER_FAMILIES, [layers])
    named = stated_family(metadata)
    if match is None or named is None or named[0] == match.rule.family:
        return match
    rule, fits = match.rule, match.rule.fits
    if named[0] in fits or not rule.family:
        family = Rule(rule.kind, named[0], rule.when, rule.layout, rule.variants)
        return match._replace(rule=family, why=(*match.why, f"its metadata says {named[1]}"))
    return match


def stated_family(metadata: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the family that metadata states, and its words for it."""
    for key in ("modelspec.architecture", "ss_base_model_version"):
        text = str(metadata.get(key, "")).lower().split("/")[0]
        family = next((family for start, family in ARCHITECTURES if text.startswith(start)), None)
        if family:
            return family, text
    return None

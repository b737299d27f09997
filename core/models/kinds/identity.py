"""What a model is: the answer of identification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

UNKNOWN: Final = "unknown"
NO_CLASS: Final = ", which is not supported"  # how the reason ends if the settings name a class that no rule knows

KINDS: Final = {
    "model": "a model that generates images",
    "lora": "a LoRA or another small change to a model",
    "embedding": "a textual inversion embedding",
    "vae": "a VAE",
    "text-encoder": "a text encoder",
    "image-encoder": "an image encoder",
    "controlnet": "a ControlNet",
    "t2i-adapter": "a T2I-Adapter",
    "ip-adapter": "an IP-Adapter",
    "style-model": "a style model",
    "motion-module": "a motion module for video",
    "hypernetwork": "a hypernetwork",
    "upscaler": "an upscaler",
    "restorer": "a model that restores faces or images",
    "other": "a model for another purpose",
    UNKNOWN: "not recognized",
}
"""All kinds, each with a noun phrase for help texts and refusals."""


@dataclass(frozen=True, slots=True)
class ModelPart:
    """One network in a model file: `denoiser`, `vae` or `text-encoder`.

    family: which one it is (`clip-l`, `sdxl`). prefix: how the names of its tensors start. layout: whose names they
    have, if it lies in a file.
    """

    role: str
    family: str
    prefix: str
    size_bytes: int
    layout: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """What a model is, and why.

    fits: all families that it may belong to, `family` first; more than one if its tensors do not tell them apart.
    layout: whose names the tensors have (`ldm`, `diffusers`, `bfl`, `kohya`). dtype: the type of most weights
    (`fp16`). quant: how the weights are quantized, or "". missing: parts that the family needs and the file lacks.
    why: short predicates (`has double_blocks.0.img_attn.qkv.weight`).
    """

    kind: str
    family: str = ""
    variant: str = ""
    layout: str = ""
    dtype: str = ""
    quant: str = ""
    fits: tuple[str, ...] = ()
    parts: tuple[ModelPart, ...] = ()
    missing: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    why: tuple[str, ...] = ()

"""Let the notes on a model choose between the families that its tensors allow, and say what they do not show."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.models.sidecars import Notes

from .identity import Identity

BASE_MODELS: Final = (
    ("sd 1", "sd1"), ("sd1", "sd1"), ("sd 2", "sd2"), ("sd2", "sd2"), ("sdxl", "sdxl"), ("pony", "sdxl"),
    ("illustrious", "sdxl"), ("noobai", "sdxl"), ("sd 3", "sd3"), ("sd3", "sd3"), ("flux.2", "flux2"),
    ("flux.1", "flux1"),
    ("flux", "flux1"), ("chroma", "chroma"), ("zimage", "z-image"), ("z-image", "z-image"), ("qwen", "qwen-image"),
    ("lumina", "lumina2"), ("pixart a", "pixart-alpha"), ("pixart e", "pixart-sigma"), ("auraflow", "auraflow"),
    ("hidream", "hidream"), ("hunyuan video", "hunyuan-video"), ("hunyuan 1", "hunyuan-dit"), ("wan", "wan"),
    ("kolors", "kolors"), ("anima", "anima"), ("krea", "krea2"), ("sd xl", "sdxl"),
)  # fmt: skip
"""Families by how Civitai (`baseModel`) and AUTOMATIC1111 (`sd version`) name them: starts of names, in lower case."""


def noted_family(notes: Notes) -> str | None:
    """Return the family that the notes name."""
    text = notes.base_model.lower()
    return next((family for start, family in BASE_MODELS if text.startswith(start)), None)


def with_notes(identity: Identity, notes: Notes) -> Identity:
    """Return the identity with what the notes add: a choice among `fits`, a family if it has none, the prediction."""
    family = noted_family(notes)
    fits = identity.fits
    if family and family != identity.family and (family in fits or (not identity.family and identity.kind == "lora")):
        why = (*identity.why, f"a note beside it says {notes.base_model}")
        identity = replace(identity, family=family, fits=(family,), why=why)
    if notes.prediction and identity.kind == "model":
        identity = replace(identity, facts={**identity.facts, "prediction": notes.prediction})
    return identity

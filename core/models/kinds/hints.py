"""What names and metadata add to what tensors show: variants that differ only in their training, and ties.

They never overrule tensors: they choose among the families that fit, and name a variant that no tensor shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

TRAINED_VARIANTS: Final = (
    ("kontext", ("flux1",), "kontext"),
    ("turbo", ("sd1", "sd2", "sdxl", "sd3", "z-image", "krea2"), "turbo"),
    ("lightning", ("sdxl", "qwen-image", "sd1"), "lightning"),
    ("hyper", ("sd1", "sdxl", "flux1"), "hypersd|hypersdxl|hyperflux"),
    ("lcm", ("sd1", "sdxl"), "lcm"),
    ("base", ("z-image", "flux2"), "base"),
    ("edit", ("qwen-image",), "edit"),
    ("fast", ("hidream",), "fast"),
    ("dmd2", ("sdxl",), "dmd2|dmd"),
)
"""Variants by the families that have them and the words that name them in a file's name or title."""

FAMILY_WORDS: Final = (
    ("sdxl", "sdxl|xl|taesdxl|pony|illustrious|noobai"),
    ("sd2", "sd2|sd21|sd20|768v"),
    ("sd3", "sd3|sd35|taesd3"),
    ("chroma", "chroma"),
    ("flux1", "flux|flux1|taef1"),
    ("z-image", "zimage|z-image"),
    ("lumina2", "lumina|lumina2"),
    ("qwen-image", "qwen|qwenimage"),
    ("wan", "wan|wan21|wan22"),
    ("krea2", "krea|krea2"),
    ("anima", "anima"),
    ("sd1", "sd1|sd15|sd14"),
)
"""Families by the words that name them in a file's name."""


VARIANTS_BY_SCHEDULER: Final = {"LCMScheduler": "lcm", "TCDScheduler": "tcd"}
"""Variants by the class of the scheduler that the settings of a folder name: one that only distilled models use."""


def words_of(text: str) -> frozenset[str]:
    """Return the words in a name, in lower case, and each pair of neighbors as one word: `FLUX.1-dev`, `z_image`."""
    parts = re.findall(r"[a-z]+|\d+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    whole = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset((*parts, *whole, *[a + b for a, b in pairwise(parts)]))


def family_by_name(text: str, fits: tuple[str, ...]) -> str | None:
    """Return the family among those that fit which a file's name mentions."""
    words = words_of(text)
    return next((family for family, known in FAMILY_WORDS if family in fits and words & set(known.split("|"))), None)


def variant_by_name(text: str, family: str) -> str | None:
    """Return the variant of a family that a file's name mentions."""
    words = words_of(text)
    found = [name for name, families, known in TRAINED_VARIANTS if family in families and words & set(known.split("|"))]
    return found[0] if found else None


def prediction_of(names: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the prediction type that marker tensors or the metadata state, as facts.

    Markers: ComfyUI comfy/supported_models.py; `v_pred` and `ztsnr` are empty tensors that authors add.
    """
    if "edm_vpred.sigma_max" in names:
        return {"prediction": "edm_v_prediction"}
    if "edm_mean" in names:
        return {"prediction": "edm", "playground": True}
    facts: dict[str, Any] = {"zero_snr": True} if "ztsnr" in names else {}
    stated = str(metadata.get("modelspec.prediction_type", "")).lower()
    if "v_pred" in names or stated in ("v", "v_prediction"):
        return {"prediction": "v_prediction", **facts}
    return {"prediction": "epsilon", **facts} if stated == "epsilon" else facts

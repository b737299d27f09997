"""Choose the layout of a part: how its tensors are named in its file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from core.models.part import PartSource

from .diffusers import clip_names, unet_names, vae_names
from .ldm_unet import ldm_unet_names
from .ldm_vae import ldm_vae_names
from .open_clip import open_clip_names
from .take import Layout, Take, as_named

_LAYOUTS: Final[dict[tuple[str, str], Layout]] = {
    ("unet", "diffusers"): unet_names,
    ("unet", "ldm"): ldm_unet_names,
    ("vae", "diffusers"): vae_names,
    ("vae", "ldm"): ldm_vae_names,
    ("text_encoder", "diffusers"): clip_names,
    ("text_encoder", "transformers"): clip_names,
    ("text_encoder", "open-clip"): open_clip_names,
}


def layout_of(source: PartSource) -> Layout:
    """Return the layout of a part. Layers of a text encoder beyond those that its config has are left out.

    Raises: KeyError, if no layout has this name.
    """
    part = source.name.removesuffix("_2")
    if source.layout == "diffusers" and part not in ("unet", "vae", "text_encoder"):
        return as_named
    layout = _LAYOUTS[part, source.layout]
    layers = source.config.get("num_hidden_layers")
    return _first_layers(layout, layers) if source.layout != "diffusers" and isinstance(layers, int) else layout


def _first_layers(layout: Layout, layers: int) -> Layout:
    """Return a layout without the text encoder's layers after the first `layers`."""

    def names(given: Collection[str]) -> dict[str, Take]:
        return {name: take for name, take in layout(given).items() if _layer(name) < layers}

    return names


def _layer(name: str) -> int:
    """Return the number of the layer that a weight belongs to, or -1."""
    number = name.removeprefix("encoder.layers.").partition(".")[0]
    return int(number) if name.startswith("encoder.layers.") and number.isdecimal() else -1

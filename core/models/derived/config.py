"""Derive the settings of a part of a model from the tensors of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.models.contents import Shape
from core.models.layouts.choose import layout_of
from core.models.layouts.take import network_shapes
from core.models.part import PartSource

from .clip import ENCODERS, clip_config
from .unet import unet_config
from .vae import vae_config

SIDES: Final = {"sd1": 64, "sd2": 64, "sdxl": 128, "sdxl-refiner": 128}
"""Side of the latents that the UNets of a family are made for."""
VELOCITY_SIDE: Final = 96  # of Stable Diffusion 2 with `v_prediction`, which was trained on 768 pixels


def derived_config(
    source: PartSource, shapes: Mapping[str, Shape], family: str, *, prediction: str = "epsilon"
) -> dict[str, Any]:
    """Return the config of a part: a UNet, a VAE or a text encoder.

    source: where the part lies, and how its tensors are named. shapes: of all tensors of its file. family: the model's.

    Raises: LookupError, ValueError, if no part of this family has these tensors.
    """
    own = {name[len(source.prefix) :]: shape for name, shape in shapes.items() if name.startswith(source.prefix)}
    network = network_shapes(own, layout_of(source))
    if source.name == "unet":
        side = VELOCITY_SIDE if family == "sd2" and prediction == "v_prediction" else SIDES[family]
        return unet_config(network, sample_size=side)
    if source.name == "vae":
        return vae_config(network, family)
    return clip_config(network, ENCODERS[family, source.name])

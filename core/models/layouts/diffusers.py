"""The names of diffusers and transformers, also in older versions."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from .extras import without_extras
from .take import Take, unique

_OLD_ATTENTION: Final = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}
_OLD = re.compile("|".join(map(re.escape, _OLD_ATTENTION)))


def unet_names(names: Collection[str]) -> dict[str, Take]:
    """Return the names of UNet weights, leaving out other tensors that the file may hold."""
    return {name: Take(name) for name in without_extras(names)}


def vae_names(names: Collection[str]) -> dict[str, Take]:
    """Return the current names of VAE weights; many published models use the names from before diffusers 0.13."""
    return unique([(_OLD.sub(_current, name), Take(name)) for name in without_extras(names)])


def clip_names(names: Collection[str]) -> dict[str, Take]:
    """Return our names for weights from transformers, without those that transformers 4 saved unnecessarily."""
    ours = unique([(name.removeprefix("text_model."), Take(name)) for name in without_extras(names)])
    return {name: take for name, take in ours.items() if name != "embeddings.position_ids"}


def _current(old: re.Match[str]) -> str:
    return _OLD_ATTENTION[old[0]]

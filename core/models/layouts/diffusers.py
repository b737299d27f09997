"""The names of diffusers and transformers, also in older versions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from .extras import is_extra
from .take import Take, unique

_OLD_ATTENTION: Final = {".query.": ".to_q.", ".key.": ".to_k.", ".value.": ".to_v.", ".proj_attn.": ".to_out.0."}


def unet_names(names: Collection[str]) -> dict[str, Take]:
    """Return the names of UNet weights, leaving out other tensors that the file may hold."""
    return {name: Take(name) for name in names if not is_extra(name)}


def vae_names(names: Collection[str]) -> dict[str, Take]:
    """Return the current names of VAE weights; many published models use the names from before diffusers 0.13."""
    return unique((_current(name), Take(name)) for name in names if not is_extra(name))


def clip_names(names: Collection[str]) -> dict[str, Take]:
    """Return our names for weights from transformers, without those that transformers 4 saved unnecessarily."""
    ours = unique((name.removeprefix("text_model."), Take(name)) for name in names if not is_extra(name))
    return {name: take for name, take in ours.items() if name != "embeddings.position_ids"}


def _current(name: str) -> str:
    for old, new in _OLD_ATTENTION.items():
        name = name.replace(old, new)
    return name

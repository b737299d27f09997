"""What a UNet is conditioned on: the hidden states of the prompts and, in SDXL, pooled states, sizes and a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from core.errors import BadSetting
from core.models.card import ModelCard
from core.text.conditioning import Conditioning
from core.text.encoder import TextStates

SCORES: Final = {"positive": 6.0, "negative": 2.5}
"""Aesthetic scores (0 to 10) that guide the SDXL refiner; with guidance, it moves away from the lower score."""
SCORED: Final = 5
"""The number of sizes and scores of a UNet that takes a score in place of the target size."""


class Conditions:
    """The conditions of a run: those of each side (`positive` or `negative`) for b images, one side after the other.

    All images may share one conditioning, or each has its own.
    states: hidden states (sides * b, n, d). added: further conditions by the names that diffusers gives them, or
    nothing: pooled states (sides * b, p), and sizes and scores (sides * b, 5 or 6).
    """

    def __init__(
        self, both: Conditioning, sides: Sequence[str], card: ModelCard, noise: Tensor, dtype: torch.dtype
    ) -> None:
        given: list[TextStates] = [getattr(both, side) for side in sides]
        images, target = len(noise), noise.device
        self.states = torch.cat([_hidden(side, card).to(target, dtype).expand(images, -1, -1) for side in given])
        self.added: dict[str, Tensor] = {}
        if card.time_ids:
            height, width = (side * card.vae_scale_factor for side in noise.shape[-2:])
            sizes = [_sizes(width, height, SCORES[side], card.time_ids) for side in sides for _ in range(images)]
            pooled = [_pooled(side).to(target, dtype).expand(images, -1) for side in given]
            time_ids = torch.tensor(sizes, dtype=dtype, device=target)
            self.added = {"text_embeds": torch.cat(pooled), "time_ids": time_ids}

    def split(self) -> list[tuple[Tensor, dict[str, Tensor]]]:
        """Return the states and the added conditions of each image and side."""
        added = {name: torch.split(values, 1) for name, values in self.added.items()}
        return [
            (states, {name: values[place] for name, values in added.items()})
            for place, states in enumerate(torch.split(self.states, 1))
        ]


def _hidden(side: TextStates, card: ModelCard) -> Tensor:
    width = side.hidden.shape[-1]
    if width != card.cross_attention_dim:
        expected = f"encoded for this model, whose text width is {card.cross_attention_dim}"
        raise BadSetting("conditioning", f"of the width {width}", expected)
    return side.hidden


def _pooled(side: TextStates) -> Tensor:
    if side.pooled is None:
        raise BadSetting("conditioning", "without pooled states", "encoded for this model")
    return side.pooled


def _sizes(width: int, height: int, score: float, count: int) -> tuple[float, ...]:
    """Return the original size, the corner of the crop, and the target size or a score, for an image of this size."""
    return (height, width, 0, 0, score) if count == SCORED else (height, width, 0, 0, height, width)

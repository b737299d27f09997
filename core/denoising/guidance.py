"""Guidance: which inputs the UNet gets at each step, and how its predictions are combined into one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from core.models.card import ModelCard

from .inputs import DenoiseInputs

EMBEDDED_SCALE = 1000.0  # factor of the guidance scale in its embedding


@dataclass(frozen=True, slots=True)
class Guidance:
    """How the predictions of one denoising step are combined.

    sides: the conditioning for each copy of the latents in a batch, `positive` or `negative`. with_image: for each
    copy, whether a model that edits images is given the image. combine: converts the predictions for all copies
    (n * b, c, h/f, w/f) to one (b, c, h/f, w/f).
    """

    sides: tuple[str, ...]
    with_image: tuple[bool, ...]
    combine: Callable[[Tensor], Tensor]


def guidance_of(inputs: DenoiseInputs, card: ModelCard) -> Guidance:
    """Return how the predictions of a model are combined.

    Without guidance, or if the UNet takes the guidance scale as an input, there is one prediction, for the prompt.
    Sources: arXiv:2207.12598, equation 6; for editing models arXiv:2211.09800, equation 3.
    """
    if inputs.guidance <= 1.0 or card.guidance_width:
        return Guidance(("positive",), (True,), lambda prediction: prediction)
    if "image" in card.needs:
        return Guidance(("positive", "negative", "negative"), (True, True, False), _by_text_and_image(inputs))
    return Guidance(("negative", "positive"), (True, True), _by_text(inputs.guidance, inputs.guidance_rescale))


def embedded_scale(guidance: float, width: int) -> Tensor:
    """Return the embedding (1, width) of a guidance scale, for UNets that take the scale as an input.

    It has the form of a timestep's embedding, at `1000 * (guidance - 1)`; see arXiv:2310.04378, section 4.
    """
    half = width // 2
    steps = torch.exp(torch.arange(half, dtype=torch.float32) * -(torch.log(torch.tensor(10000.0)) / (half - 1)))
    angles = torch.tensor([guidance - 1]) * EMBEDDED_SCALE * steps
    waves = torch.cat([torch.sin(angles), torch.cos(angles)])
    return torch.nn.functional.pad(waves, (0, width % 2))[None]


def rescaled(guided: Tensor, positive: Tensor, share: float) -> Tensor:
    """Return a guided prediction whose standard deviation is partly that of the prediction for the prompt.

    share: 0 keeps the deviation of the guided prediction, 1 replaces it; see arXiv:2305.08891, section 3.4.
    """
    every = list(range(1, positive.ndim))
    matched = guided * (positive.std(dim=every, keepdim=True) / guided.std(dim=every, keepdim=True))
    return share * matched + (1 - share) * guided


def _by_text(scale: float, rescale: float) -> Callable[[Tensor], Tensor]:
    def combine(prediction: Tensor) -> Tensor:
        negative, positive = prediction.chunk(2)
        guided = negative + scale * (positive - negative)
        return rescaled(guided, positive, rescale) if rescale > 0 else guided

    return combine


def _by_text_and_image(inputs: DenoiseInputs) -> Callable[[Tensor], Tensor]:
    def combine(prediction: Tensor) -> Tensor:
        prompted, unprompted, blind = prediction.chunk(3)
        by_text = inputs.guidance * (prompted - unprompted)
        return blind + by_text + inputs.image_guidance * (unprompted - blind)

    return combine

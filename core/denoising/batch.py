"""Denoise the images of several runs at once, as far as their inputs allow."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import torch
from torch import Tensor

from core.models.components import LoadedModel
from core.text.conditioning import Conditioning
from core.text.encoder import TextStates

from . import loop
from .inputs import DenoiseInputs
from .loop import Step

PER_IMAGE: Final = ("noise", "conditioning", "seeds", "latents", "masked_latents", "edited", "unfinished")
"""The inputs that may differ between the images of one run."""


def denoise_each(
    runs: Sequence[DenoiseInputs],
    model: LoadedModel,
    *,
    on_step: Callable[[int, Step], None] = lambda index, step: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[Tensor]:
    """Denoise the inputs of each run, those of a group at once, and return the latents of each run, as `denoise` does.

    Every image has its own noise and its own generators, so it is the image of its run alone, except for rounding. Runs
    that are `side_by_side` are not joined.

    on_step: called for each run, with the index of the run, after each step.
    Raises: as `denoise`; an error in one run ends them all.
    """
    if len(runs) > 1 and all(run.side_by_side for run in runs):
        from .side_by_side import denoise_side_by_side  # imported on demand: few lines make several images

        return denoise_side_by_side(runs, model, on_step=on_step, cancelled=cancelled)
    found: dict[int, Tensor] = {}
    for group in groups(runs):
        sizes = [len(runs[index].noise) for index in group]

        def report(step: Step, group: list[int] = group, sizes: list[int] = sizes) -> None:
            parts = zip(group, torch.split(step.latents, sizes), torch.split(step.clean, sizes), strict=True)
            for index, latents, clean in parts:
                on_step(index, replace(step, latents=latents, clean=clean))

        latents = loop.denoise(joined([runs[index] for index in group]), model, on_step=report, cancelled=cancelled)
        found |= zip(group, torch.split(latents, sizes), strict=True)
    return [found[index] for index in range(len(runs))]


def groups(runs: Sequence[DenoiseInputs]) -> list[list[int]]:
    """Return the indexes of the runs that can be joined, group by group.

    The runs of a group differ only in `PER_IMAGE`, whose tensors have the same shapes. Runs whose prompts have
    different numbers of chunks are in different groups, because padding a prompt would change its image.
    """
    found: dict[Hashable, list[int]] = {}
    for place, run in enumerate(runs):
        found.setdefault(_kind(run), []).append(place)
    return [*found.values()]


def joined(runs: Sequence[DenoiseInputs]) -> DenoiseInputs:
    """Return the inputs of a single run that denoises the images of all runs of a group, in order."""
    if len(runs) == 1:
        return runs[0]
    per_image = {name: _together([getattr(run, name) for run in runs]) for name in PER_IMAGE}
    return replace(runs[0], **per_image, joined=not runs[0].sliced)


def _kind(run: DenoiseInputs) -> Hashable:
    """Return a value that is equal for runs of the same group."""
    equal = [getattr(run, field.name) for field in fields(run) if field.name not in (*PER_IMAGE, "mask")]
    mask = None if run.mask is None else (run.mask.shape, run.mask.cpu().numpy().tobytes())
    return (*equal, mask, *[_shape(getattr(run, name)) for name in PER_IMAGE if name != "seeds"])


def _shape(value: Tensor | Conditioning | None) -> Hashable:
    """Return the shape of a tensor, or the shapes of the tensors of a conditioning, without the number of images."""
    if isinstance(value, Conditioning):
        return tuple((name, tensor.shape[1:]) for name, tensor in value.tensors().items())
    return None if value is None else value.shape[1:]


def _together(values: Sequence[Any]) -> Any:
    """Join tensors, conditionings or tuples of seeds along the images; nothing stays None."""
    first = values[0]
    if first is None:
        return None
    if isinstance(first, Tensor):
        return torch.cat(list(values))
    if isinstance(first, Conditioning):
        return Conditioning(_states([each.positive for each in values]), _states([each.negative for each in values]))
    return tuple(seed for seeds in values for seed in seeds)


def _states(sides: Sequence[TextStates]) -> TextStates:
    pooled = [side.pooled for side in sides if side.pooled is not None]
    return TextStates(torch.cat([side.hidden for side in sides]), torch.cat(pooled) if pooled else None)

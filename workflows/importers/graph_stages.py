"""Convert the sampling of another tool's graph to stages: `t2i` from empty latents, `i2i` from encoded images."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from invocations.frozen import frozen

from .parameters import ImportedMask, ImportedStep, Value, short

SIZE = ("width", "height")
GENERATING = ("t2i", "i2i")
MASKED = "only a masked area was generated, and this line does not contain the mask: see `inpaint`"
ORDER = ("prompt", "negative", "model", "steps", "guidance", "scheduler", "seed", "clip_skip")


@frozen
class LatentImage:
    """The origin of latents: the steps that made the image that was encoded; no steps if the latents are empty."""

    steps: tuple[ImportedStep, ...] = ()
    width: int | None = None  # size of empty latents, in pixels
    height: int | None = None
    mask: ImportedMask | None = None  # marks the area that is generated

    def then(self, *steps: ImportedStep) -> LatentImage:
        """Return the latents with further steps added."""
        return replace(self, steps=(*self.steps, *steps))


@frozen
class Sampling:
    """The settings of one sampler: `values` by the names of our inputs; `strength` is more than 0 and at most 1."""

    where: str  # the name of the sampler in notes
    values: Mapping[str, Value]
    strength: float = 1.0
    adds_noise: bool = True
    stops_at: str = ""  # the step at which the sampler stops early


def sampled(before: LatentImage, sampling: Sampling, note: Callable[[str], None]) -> LatentImage:
    """Return the latents that a sampler returns."""
    where, values = sampling.where, dict(sampling.values)
    if sampling.stops_at:
        note(f"{where} stops at {sampling.stops_at}: this line takes all steps")
    if before.steps and sampling.strength <= 0:
        note(f"{where} changes nothing: its denoising strength is 0")
        return before
    if not before.steps:
        if before.mask is not None:
            note(MASKED)
        if sampling.strength < 1:
            note(f"{where} starts from empty latents at a denoising strength of {sampling.strength:g}: `t2i` uses 1")
        values |= present(width=before.width, height=before.height)
        return LatentImage((ImportedStep("t2i", values),))
    if not sampling.adds_noise:
        values |= present(seed=_last_seed(before.steps))
        note(
            f"{where} continues without new noise: `i2i` adds noise, "
            f"with the seed of the previous stage and a strength of {sampling.strength:g}"
        )
    last = before.steps[-1]
    size = {name: value for name, value in last.values.items() if name in SIZE} if last.command == "resize" else {}
    ordered = {name: values[name] for name in ORDER if name in values}
    again = ImportedStep("i2i", {**ordered, "strength": sampling.strength, **size}, before.mask)
    return before.then(again)


def without_seed(steps: Sequence[ImportedStep]) -> bool:
    """Return True if one of the steps generates an image and has no seed."""
    return any("prompt" in step.values and "seed" not in step.values for step in steps)


def decoded_in_tiles(steps: tuple[ImportedStep, ...]) -> tuple[ImportedStep, ...]:
    """Return the steps with `--tiled` added to the last one, if that step decodes an image."""
    if not steps or steps[-1].command not in GENERATING:
        return steps
    return (*steps[:-1], replace(steps[-1], values={**steps[-1].values, "tiled": True}))


def other_upscaler(name: str) -> str:
    """Return a note that says that an upscaler is not available."""
    return f"the upscaler `{short(name) or '?'}` is not available: `upscale` uses its own method"


def part(steps: int, begin: int) -> float:
    """Return the denoising strength that runs the steps from `begin` on, rounded up so that no step is lost."""
    return rounded_up((steps - begin) / steps) if steps > 0 else 1.0


def rounded_up(strength: float) -> float:
    """Return a strength from 0 to 1, rounded up to four decimal places."""
    strength = min(max(strength, 0.0), 1.0)
    return math.ceil(round(strength * 10_000, 6)) / 10_000


def present(**values: Value | None) -> dict[str, Value]:
    """Return the given values without those that are None."""
    return {name: value for name, value in values.items() if value is not None}


def _last_seed(steps: Sequence[ImportedStep]) -> Value | None:
    """Return the seed of the last stage that has one."""
    return next((step.values["seed"] for step in reversed(steps) if "seed" in step.values), None)

"""The inputs of a denoising run, with all defaults already resolved."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from core.errors import BadSetting
from core.text.conditioning import Conditioning

from .schedulers import check_scheduler

MAX_STEPS = 1000


@dataclass(frozen=True, slots=True)
class DenoiseInputs:
    """The inputs of a run that denoises b images at once.

    noise: (b, c, h/f, w/f). conditioning: one for all images, or that of b images, joined.
    latents: the initial image, if any, with the same shape or a batch size of 1.
    steps: 1 to 1000. guidance: the guidance scale (CFG), 0 to 100. eta: how much noise DDIM adds at each step, 0 to 1.
    guidance_rescale: how much the contrast that guidance adds is taken back, 0 to 1.
    strength: the denoising strength, above 0 and at most 1; 1 replaces the initial image entirely.
    start, end: the part of the noise schedule to run, 0 to 1. Latents are returned with the noise that `end` leaves in;
    with a `start`, the run continues with `unfinished`, of the shape of the noise, and `strength` has no effect.
    mask: (b or 1, 1, h/f, w/f) in [0, 1]; 1 where the image may change, 0 where it stays like `latents`.
    edited: for models that edit images, the latents of the image, without the VAE's scaling factor.
    image_guidance: how closely such a model follows the image, 1 to 100.
    seeds: one per image, for schedulers that add noise at each step.
    draws_before: number of samples of this shape already drawn from each seed's generator.
    sliced: use less memory but more time, by evaluating one image and one half of the guidance at a time, with sliced
    attention; results differ only by rounding.
    joined: whether the images are those of several runs, so that each may differ by rounding from the image of its run
    alone; the UNet then needs less work (see `joined_layers`).
    side_by_side: whether several runs are not joined, but each has a thread of its own and the result of a run alone.
    """

    noise: Tensor
    conditioning: Conditioning
    seeds: tuple[int, ...]
    steps: int
    guidance: float
    scheduler: str
    latents: Tensor | None = None
    mask: Tensor | None = None
    masked_latents: Tensor | None = None
    edited: Tensor | None = None
    image_guidance: float = 1.5
    guidance_rescale: float = 0.0
    strength: float = 1.0
    start: float = 0.0
    end: float = 1.0
    unfinished: Tensor | None = None
    eta: float = 0.0
    draws_before: int = 1
    sliced: bool = False
    joined: bool = False
    side_by_side: bool = False

    def check(self) -> None:
        """Refuse settings that are out of range and tensors whose shapes do not match.

        Raises: BadSetting, UnknownScheduler.
        """
        check_scheduler(self.scheduler)
        if not 1 <= self.steps <= MAX_STEPS:
            raise BadSetting("steps", self.steps, f"1 to {MAX_STEPS}")
        if not 0.0 < self.strength <= 1.0 or int(self.steps * self.strength) < 1:
            raise BadSetting(
                "strength",
                self.strength,
                f"above 0, at most 1, and high enough that one of the {self.steps} steps runs",
            )
        self._check_section()
        if not 0.0 <= self.guidance <= 100.0:
            raise BadSetting("guidance", self.guidance, "0 to 100")
        if not 1.0 <= self.image_guidance <= 100.0:
            raise BadSetting("image_guidance", self.image_guidance, "1 to 100")
        for name in ("guidance_rescale", "eta"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise BadSetting(name, getattr(self, name), "0 to 1")
        if len(self.seeds) != len(self.noise):
            raise BadSetting("seeds", len(self.seeds), f"one per image ({len(self.noise)})")
        self._check_shapes()

    def _check_section(self) -> None:
        if not 0.0 < self.end <= 1.0:
            raise BadSetting("end", self.end, "above 0 and at most 1")
        if not 0.0 <= self.start < self.end:
            raise BadSetting("start", self.start, f"at least 0 and below the end, {self.end}")
        if (self.start > 0) != (self.unfinished is not None):
            raise BadSetting("unfinished", "missing" if self.start else "passed", "passed if there is a start")

    def _check_shapes(self) -> None:
        size = self.noise.shape
        if self.unfinished is not None and self.unfinished.shape != size:
            shape = tuple(self.unfinished.shape)
            raise BadSetting("unfinished", shape, f"of the same shape as the noise, {tuple(size)}")
        if self.latents is not None and (self.latents.shape[1:] != size[1:] or len(self.latents) not in (1, size[0])):
            raise BadSetting("latents", tuple(self.latents.shape), f"of the same shape as the noise, {tuple(size)}")
        if self.mask is not None and (self.mask.shape[2:] != size[2:] or len(self.mask) not in (1, size[0])):
            raise BadSetting(
                "mask", tuple(self.mask.shape), f"of the same height and width as the noise, {tuple(size[2:])}"
            )
        if self.latents is None and (self.mask is not None or self.strength < 1.0):
            raise BadSetting("latents", "missing", "passed if there is a mask or the strength is below 1")

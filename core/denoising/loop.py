"""The denoising loop: a scheduler and a UNet take turns until noise is the latents of a picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from core.devices import limit_threads, memory_errors
from core.errors import BadSetting, Cancelled, ModelUnsupported
from core.latents.noise import generators
from core.models.components import LoadedModel
from core.models.diffusers_classes import quiet
from core.sliced_attention import SlicedAttention

from .request import DenoiseRequest
from .schedulers import make_scheduler


@dataclass(frozen=True, slots=True)
class Step:
    """A step that is done: `number` of `count`; `latents` (b, c, h/f, w/f) on the device, still noisy.

    `clean` is what this step takes the latents without their noise to be: the picture as it forms.
    """

    number: int
    count: int
    latents: Tensor
    clean: Tensor


def denoise(
    request: DenoiseRequest,
    model: LoadedModel,
    *,
    on_step: Callable[[Step], None] = lambda step: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Tensor:
    """Run the request to its end and return latents (b, c, h/f, w/f) in float32 on the device.

    Raises: BadSetting, UnknownScheduler, ModelError, OutOfMemory, Cancelled.
    """
    request.check()
    unet = model.unet()
    with torch.inference_mode(), memory_errors(model.device), limit_threads(model.card.size_bytes), quiet():
        run = _Run(request, model, unet)
        for place in range(len(run.timesteps)):
            if cancelled():
                raise Cancelled
            run.advance(place)
            if run.is_whole_step(place):
                on_step(Step(run.steps_done(place), run.count, run.latents, run.clean))
    return run.latents


class _Run:
    """One run under way: the scheduler with its memory of earlier steps, and the latents as they are now."""

    def __init__(self, request: DenoiseRequest, model: LoadedModel, unet: Any) -> None:
        self.request, self.unet = request, unet
        self.device = model.device
        self.dtype = model.device.torch_dtype()
        self.scheduler = make_scheduler(request.scheduler, model.scheduler_config(), seeds=request.seeds)
        # The timesteps stay on the CPU, where looking one up waits for no other device.
        self.scheduler.set_timesteps(request.steps, device="cpu")
        first = self._first_place()
        self.timesteps = self.scheduler.timesteps[first:]
        self.device_timesteps = self.timesteps.to(self._target)
        if hasattr(self.scheduler, "set_begin_index"):
            self.scheduler.set_begin_index(first)
        self.order = int(self.scheduler.order)
        self.count = self.steps_done(len(self.timesteps) - 1)
        self.noise = request.noise.to(self._target, torch.float32).contiguous()
        self.image = (
            None if request.latents is None else request.latents.to(self.noise).contiguous().expand_as(self.noise)
        )
        self.mask = None if request.mask is None else request.mask.to(self.noise)
        self.extra = self._masked_picture(model)
        self.guided = request.guidance > 1.0
        self.states = self._hidden_states()
        self.latents = self.clean = self._start()
        self.step_settings = self._step_settings()

    def advance(self, place: int) -> None:
        """Go from one noise level to the next."""
        time = self.timesteps[place]
        seen = self.scheduler.scale_model_input(self.latents, time)
        prediction = self._predict(seen, self.device_timesteps[place])
        self.clean = self._without_noise(seen, prediction, time)
        self.latents = self.scheduler.step(prediction, time, self.latents, return_dict=False, **self.step_settings)[0]
        if self.mask is not None and self.extra is None:
            self.latents = self._outside_kept(place)

    def _without_noise(self, seen: Tensor, prediction: Tensor, time: Tensor) -> Tensor:
        """Solve what the UNet said for the clean latents (arXiv:2202.00512, appendix D)."""
        kept = float(self.scheduler.alphas_cumprod[int(time.round().clamp(0, len(self.scheduler.alphas_cumprod) - 1))])
        signal, noise = kept**0.5, (1 - kept) ** 0.5
        if self.scheduler.config.prediction_type == "sample":
            return prediction
        by_velocity = self.scheduler.config.prediction_type == "v_prediction"
        clean: Tensor = signal * seen - noise * prediction if by_velocity else (seen - noise * prediction) / signal
        return clean

    def is_whole_step(self, place: int) -> bool:
        """Tell whether a step that the user counts ends here; schedulers of second order look twice in each."""
        return place == len(self.timesteps) - 1 or place % self.order == self.order - 1

    def steps_done(self, place: int) -> int:
        """Return how many steps are done behind this place."""
        return place // self.order + 1

    @property
    def _target(self) -> torch.device:
        return self.device.torch_device()

    def _first_place(self) -> int:
        """Return the place among the timesteps where a picture of this strength comes in."""
        skipped = self.request.steps - int(self.request.steps * self.request.strength)
        return skipped * int(self.scheduler.order)

    def _start(self) -> Tensor:
        if self.image is None or (self.request.strength == 1.0 and self.mask is not None):
            pure: Tensor = self.noise * self.scheduler.init_noise_sigma
            return pure
        return self._noised(self.image, 0)

    def _noised(self, latents: Tensor, place: int) -> Tensor:
        noised: Tensor = self.scheduler.add_noise(latents, self.noise, self.timesteps[place : place + 1])
        return noised

    def _outside_kept(self, place: int) -> Tensor:
        """Put the given picture, as noisy as the next step expects it, where the mask is 0."""
        assert self.image is not None
        assert self.mask is not None
        last = place == len(self.timesteps) - 1
        kept = self.image if last else self._noised(self.image, place + 1)
        return (1 - self.mask) * kept + self.mask * self.latents

    def _predict(self, latents: Tensor, time: Tensor) -> Tensor:
        """Ask the UNet, with classifier-free guidance (arXiv:2207.12598, equation 6) in one batch."""
        sample = torch.cat([latents, latents]) if self.guided else latents
        if self.extra is not None:
            sample = torch.cat([sample, self.extra], dim=1)
        prediction = self._asked(sample.to(self.dtype), time).float()
        if not self.guided:
            return prediction
        negative, positive = prediction.chunk(2)
        return negative + self.request.guidance * (positive - negative)

    def _asked(self, sample: Tensor, time: Tensor) -> Tensor:
        """Return what the UNet says, of all at once or, in pieces, of one after the other."""
        if not self.request.sliced:
            return self._said(sample, time, self.states)
        with SlicedAttention():
            pairs = zip(torch.split(sample, 1), torch.split(self.states, 1), strict=True)
            return torch.cat([self._said(one, time, states) for one, states in pairs])

    def _said(self, sample: Tensor, time: Tensor, states: Tensor) -> Tensor:
        said: Tensor = self.unet(sample, time, encoder_hidden_states=states, return_dict=False)[0]
        return said

    def _hidden_states(self) -> Tensor:
        """Return the hidden states (b, n, d), the negative ones before the positive ones where there is guidance."""
        both = self.request.conditioning
        wanted = [both.negative, both.positive] if self.guided else [both.positive]
        pictures = len(self.noise)
        return torch.cat([one.to(self._target, self.dtype).expand(pictures, -1, -1) for one in wanted])

    def _masked_picture(self, model: LoadedModel) -> Tensor | None:
        """Return the mask and the latents of the picture without what it hides, for UNets trained on nine channels."""
        channels, latents = model.card.unet_channels, model.card.latent_channels
        if channels == latents:
            return None
        if channels != 2 * latents + 1:
            raise ModelUnsupported(model.card.path, f"a UNet of {channels} channels over latents of {latents}")
        if self.mask is None or self.request.masked_latents is None:
            raise BadSetting("mask", "missing", "given, as must masked_latents, to an inpainting model")
        mask = self.mask.expand(len(self.noise), -1, -1, -1)
        masked = self.request.masked_latents.to(self.noise).expand_as(self.noise)
        both = torch.cat([mask, masked], dim=1)
        return torch.cat([both, both]) if self.request.guidance > 1.0 else both

    def _step_settings(self) -> dict[str, Any]:
        """Return what this scheduler's step takes besides: `eta`, and a generator for each picture."""
        accepted = _step_takes(self.scheduler.__class__)
        settings: dict[str, Any] = {}
        if "eta" in accepted:
            settings["eta"] = self.request.eta
        if "generator" in accepted:
            shape = (1, *self.noise.shape[1:])
            settings["generator"] = generators(self.request.seeds, shape, self.request.draws_before)
        return settings


@cache
def _step_takes(kind: type) -> frozenset[str]:
    """Return the names of what a scheduler's step can be told."""
    return frozenset(inspect.signature(kind.step).parameters)  # type: ignore[attr-defined]

"""The denoising loop, which alternates between UNet and scheduler to turn noise into the latents of an image."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from core.devices import SMALL_MODEL_BYTES, limit_threads, memory_errors
from core.errors import BadSetting
from core.latents.noise import generators
from core.models.components import LoadedModel
from core.models.diffusers_classes import quiet
from core.sliced_attention import SlicedAttention
from core.stopping import IsCancelled, check, never, stoppable

from .conditions import Conditions
from .guidance import embedded_scale, guidance_of
from .inputs import DenoiseInputs
from .joined_layers import joined_run, prepare_joined_layers
from .lean_layers import use_lean_layers
from .projections import remember_projections
from .schedulers import check_scheduler, is_edm, make_scheduler


@dataclass(frozen=True, slots=True)
class Step:
    """A finished denoising step, `number` of `count`, with latents (b, c, h/f, w/f) on the device.

    latents: the latents after this step, which are still noisy.
    clean: the estimate of the latents without noise (x0), from which a preview can be made.
    """

    number: int
    count: int
    latents: Tensor
    clean: Tensor


def denoise(
    inputs: DenoiseInputs,
    model: LoadedModel,
    *,
    on_step: Callable[[Step], None] = lambda step: None,
    cancelled: IsCancelled = never,
) -> Tensor:
    """Denoise the inputs and return latents (b, c, h/f, w/f) in float32 on the device.

    Raises: BadSetting, UnknownScheduler, ModelError, OutOfMemory, Cancelled.
    """
    inputs.check()
    check_scheduler(inputs.scheduler, model.card.schedule)
    unet = model.unet()
    size = model.card.size_bytes
    within = cancelled if size >= SMALL_MODEL_BYTES else never  # the step of a small model ends soon
    limits = limit_threads(size, model.device.threads)
    with torch.inference_mode(), memory_errors(model.device), limits, quiet(), stoppable(unet, within):
        run = _Run(inputs, model, unet)
        for place in range(len(run.timesteps)):
            check(cancelled)
            run.advance(place)
            if run.is_whole_step(place):
                on_step(Step(run.steps_done(place), run.count, run.latents, run.clean))
    return run.latents


class _Run:
    """A denoising run in progress: the scheduler, which keeps state between steps, and the current latents."""

    def __init__(self, inputs: DenoiseInputs, model: LoadedModel, unet: Any) -> None:
        self.inputs, self.unet = inputs, unet
        use_lean_layers(unet)
        if not inputs.sliced:
            remember_projections(unet)
        if inputs.joined:
            is_small = model.card.size_bytes < SMALL_MODEL_BYTES
            prepare_joined_layers(unet, splits=is_small and model.device.kind == "cpu")
        self.device = model.device
        self.dtype = model.device.torch_dtype()
        self.is_edm = is_edm(model.card.schedule)
        self.scheduler = make_scheduler(inputs.scheduler, model.scheduler_config(), seeds=inputs.seeds)
        # The timesteps stay on the CPU, where reading one does not wait for the device.
        self.scheduler.set_timesteps(inputs.steps, device="cpu")
        first, end = self._section()
        self.coming = self.scheduler.timesteps[first:]
        self.timesteps = self.scheduler.timesteps[first:end]
        self.device_timesteps = self.timesteps.to(self._target)
        if hasattr(self.scheduler, "set_begin_index"):
            self.scheduler.set_begin_index(first)
        self.order = int(self.scheduler.order)
        self.drawn = first // self.order if inputs.start else 0  # draws of the run that this one continues
        self.count = self.steps_done(len(self.timesteps) - 1)
        self.noise = inputs.noise.to(self._target, torch.float32).contiguous()
        self.image = (
            None if inputs.latents is None else inputs.latents.to(self.noise).contiguous().expand_as(self.noise)
        )
        self.mask = None if inputs.mask is None else inputs.mask.to(self.noise)
        self.blends = self.mask is not None and "mask" not in model.card.needs
        self.guidance = guidance_of(inputs, model.card)
        self.extra = self._extra_channels(model)
        sides = self.guidance.sides
        self.conditions = Conditions(inputs.conditioning, sides, model.card, self.noise, self.dtype)
        self.scale = self._embedded_scale(model.card.guidance_width)
        is_shared = not model.card.time_ids and all(self.guidance.with_image)
        self.equal_parts = len(sides) if is_shared else 1  # of the samples that the UNet evaluates
        self.latents = self.clean = self._start()
        self.step_settings = self._step_settings()

    def advance(self, place: int) -> None:
        """Step from one noise level to the next."""
        time = self.timesteps[place]
        seen = self.scheduler.scale_model_input(self.latents, time)
        prediction = self._predict(seen, self.device_timesteps[place])
        self.clean = self._without_noise(seen, prediction, time)
        self.latents = self.scheduler.step(prediction, time, self.latents, return_dict=False, **self.step_settings)[0]
        if self.blends:
            self.latents = self._outside_kept(place)

    def _without_noise(self, seen: Tensor, prediction: Tensor, time: Tensor) -> Tensor:
        """Recover x0 from the UNet's prediction (arXiv:2202.00512, appendix D)."""
        if self.is_edm:
            sigma = self.scheduler.sigmas[self.scheduler.step_index]
            found: Tensor = self.scheduler.precondition_outputs(self.latents, prediction, sigma)
            return found
        kept = float(self.scheduler.alphas_cumprod[int(time.round().clamp(0, len(self.scheduler.alphas_cumprod) - 1))])
        signal, noise = kept**0.5, (1 - kept) ** 0.5
        if self.scheduler.config.prediction_type == "sample":
            return prediction
        by_velocity = self.scheduler.config.prediction_type == "v_prediction"
        clean: Tensor = signal * seen - noise * prediction if by_velocity else (seen - noise * prediction) / signal
        return clean

    def is_whole_step(self, place: int) -> bool:
        """Return True if a step ends at the timestep with this index; second-order schedulers have two per step."""
        return place == len(self.timesteps) - 1 or place % self.order == self.order - 1

    def steps_done(self, place: int) -> int:
        """Return the number of steps that are finished after the timestep with this index."""
        return place // self.order + 1

    @property
    def _target(self) -> torch.device:
        return self.device.torch_device()

    def _section(self) -> tuple[int, int]:
        """Return the indexes of the first timestep to run and of the one after the last. Raises: BadSetting."""
        inputs, count = self.inputs, len(self.scheduler.timesteps)
        if self.is_edm and (inputs.start > 0 or inputs.end < 1):
            raise BadSetting("start and end", f"{inputs.start:g} and {inputs.end:g}", "0 and 1 for this model")
        skipped = (inputs.steps - int(inputs.steps * inputs.strength)) * int(self.scheduler.order)
        first = self._place_of(inputs.start) if inputs.start else skipped
        end = self._place_of(inputs.end) if inputs.end < 1 else count
        if first >= end:
            name = "strength" if inputs.strength < 1 and not inputs.start else "steps"
            raise BadSetting(name, getattr(inputs, name), "high enough that a step runs between start and end")
        return first, end

    def _place_of(self, fraction: float) -> int:
        """Return the index of the first timestep of a whole step after this fraction of the schedule.

        Where to cut is diffusers' rule, except that a second-order step is never cut in half.
        """
        trained = int(self.scheduler.config.num_train_timesteps)
        above = int((self.scheduler.timesteps >= round(trained - fraction * trained)).sum())
        return above - above % int(self.scheduler.order)

    def _start(self) -> Tensor:
        if self.inputs.unfinished is not None:
            return self.inputs.unfinished.to(self.noise).contiguous()
        if self.image is None or (self.inputs.strength == 1.0 and self.mask is not None):
            pure: Tensor = self.noise * self.scheduler.init_noise_sigma
            return pure
        return self._noised(self.image, 0)

    def _noised(self, latents: Tensor, place: int) -> Tensor:
        noised: Tensor = self.scheduler.add_noise(latents, self.noise, self.coming[place : place + 1])
        return noised

    def _outside_kept(self, place: int) -> Tensor:
        """Restore the initial image, with the noise level of the next step, where the mask is 0."""
        assert self.image is not None
        assert self.mask is not None
        last = place == len(self.coming) - 1
        kept = self.image if last else self._noised(self.image, place + 1)
        return (1 - self.mask) * kept + self.mask * self.latents

    def _predict(self, latents: Tensor, time: Tensor) -> Tensor:
        """Return the UNet's prediction; all copies of the latents that guidance needs run as one batch."""
        copies = len(self.guidance.sides)
        sample = torch.cat([latents] * copies) if copies > 1 else latents
        if self.extra is not None:
            sample = torch.cat([sample, self.extra], dim=1)
        return self.guidance.combine(self._evaluate(sample.to(self.dtype), time).float())

    def _evaluate(self, sample: Tensor, time: Tensor) -> Tensor:
        """Evaluate the UNet on the whole batch or, if sliced, on one sample at a time."""
        if not self.inputs.sliced:
            with joined_run(self.equal_parts) if self.inputs.joined else nullcontext():
                return self._unet(sample, time, self.conditions.states, self.conditions.added)
        with SlicedAttention():
            pairs = zip(torch.split(sample, 1), self.conditions.split(), strict=True)
            return torch.cat([self._unet(part, time, states, added) for part, (states, added) in pairs])

    def _unet(self, sample: Tensor, time: Tensor, states: Tensor, added: dict[str, Tensor]) -> Tensor:
        more: dict[str, Any] = {"added_cond_kwargs": added} if added else {}
        if self.scale is not None:
            more["timestep_cond"] = self.scale.expand(len(sample), -1)
        prediction: Tensor = self.unet(sample, time, encoder_hidden_states=states, return_dict=False, **more)[0]
        return prediction

    def _embedded_scale(self, width: int) -> Tensor | None:
        """Return the guidance scale as a UNet of this width takes it (1, width), or None if it takes none."""
        return embedded_scale(self.inputs.guidance, width).to(self._target, self.dtype) if width else None

    def _extra_channels(self, model: LoadedModel) -> Tensor | None:
        """Return what the UNet takes besides latents: mask and masked latents, an image to edit, or None."""
        if "mask" in model.card.needs:
            if self.mask is None or self.inputs.masked_latents is None:
                raise BadSetting("mask", "missing", "passed, together with masked_latents, to an inpainting model")
            mask = self.mask.expand(len(self.noise), -1, -1, -1)
            masked = self.inputs.masked_latents.to(self.noise).expand_as(self.noise)
            return torch.cat([torch.cat([mask, masked], dim=1)] * len(self.guidance.sides))
        if "image" in model.card.needs:
            if self.inputs.edited is None:
                raise BadSetting("edited", "missing", "passed to an editing model")
            image = self.inputs.edited.to(self.noise).expand_as(self.noise)
            blank = torch.zeros_like(image)
            return torch.cat([image if given else blank for given in self.guidance.with_image])
        return None

    def _step_settings(self) -> dict[str, Any]:
        """Return the extra arguments of this scheduler's step: `eta`, and one generator per image."""
        accepted = _step_parameters(self.scheduler.__class__)
        settings: dict[str, Any] = {}
        if "eta" in accepted:
            settings["eta"] = self.inputs.eta
        if "generator" in accepted:
            shape = (1, *self.noise.shape[1:])
            settings["generator"] = generators(self.inputs.seeds, shape, self.inputs.draws_before + self.drawn)
        return settings


@cache
def _step_parameters(kind: type) -> frozenset[str]:
    """Return the names of the parameters of a scheduler's `step` method."""
    return frozenset(inspect.signature(kind.step).parameters)  # type: ignore[attr-defined]

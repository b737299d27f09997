"""Generation on this machine: a thin layer over the core, which is imported, with torch, on first use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invocations.prompt_syntax import INVOKE
from invocations.services.images.base import ImageService
from invocations.services.models.base import NO_SIZE
from invocations.services.models.local import LocalModels
from invocations.services.tensors.base import TensorService
from invocations.services.translate_errors import translated
from invocations.shared_property import shared_property
from invocations.values import ConditioningRef, ImageRef, LatentsRef, ModelRef

from .base import DenoiseRequest, GenerationService, NoiseRequest, PromptRequest, StepCallbacks
from .checked import encoder_seed

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

    from core.devices import Device
    from core.latents.preview import LatentColors
    from core.models.budgets import Budgets
    from core.models.card import ModelCard
    from core.models.components import LoadedModel
    from core.models.memory import ModelMemory

OnNote = Callable[[str], bool]  # called with a note for the user; returns True if the user can see it
OnModelLoad = Callable[[str, str, bool], None]  # called with the model, the part, and whether loading has finished
IDLE_S = 600.0  # how long an unused model stays on a graphics card by default
IN_BF16 = "the model `{}` computes in bfloat16, which is faster on this CPU; `--dtype float32` is more precise"
SHORT_DTYPES = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}


class LocalGeneration(GenerationService):
    """Loads tensors by reference, calls the core, and stores the results.

    budgets: the memory for loaded models (default: a share of what is available). threads: see `Device`. copies: the
    folder for converted copies of models, and their largest size together in bytes; None for no copies. cancelled:
    returns True if the running node is to end; long computations check it. preview_every: number of steps after which
    `StepCallbacks.on_step` receives another preview; 0 means never.
    """

    def __init__(
        self,
        images: ImageService,
        tensors: TensorService,
        models: LocalModels,
        *,
        device: str = "auto",
        dtype: str = "auto",
        on_model_load: OnModelLoad | None = None,
        on_note: OnNote | None = None,
        cancelled: Callable[[], bool] = lambda: False,
        budgets: Budgets | None = None,
        threads: int = 0,
        copies: tuple[Path, int] | None = None,
        preview_every: int = 0,
    ) -> None:
        self._images, self._tensors, self._models = images, tensors, models
        self._device_settings = (device, SHORT_DTYPES.get(dtype, dtype), threads)
        self._on_model_load = on_model_load
        self.on_note = on_note
        self._cancelled = cancelled
        self._budgets, self._copies, self.preview_every = budgets, copies, preview_every
        self._imported: set[str] = set()
        self._colors: dict[str, LatentColors] = {}  # keyed by model; computed before the model's first preview

    def encode_prompt(self, request: PromptRequest) -> ConditioningRef:
        """Encode a prompt and its negative prompt. Raises: ServiceError."""
        with translated():
            self._import("core.text.encode", "core.models.load_text")
            from core.text.encode import encode

            parts = self._parts(request.model)
            both = encode(request.prompt, request.negative, parts, request.clip_skip, syntax=request.syntax)
        syntax = None if request.syntax == INVOKE else request.syntax
        return ConditioningRef(self._tensors.put(both.tensors()), request.prompt, request.negative, syntax)

    def make_noise(self, request: NoiseRequest) -> LatentsRef:
        """Sample noise with a CPU generator. Raises: ServiceError."""
        with translated():
            self._import("core.latents.noise")
            from core.latents.noise import make_noise
            from core.latents.size import check_size

            card = self._models.card(request.model)
            check_size(request.width, request.height, card.size_multiple)
            noise = make_noise(
                [request.seed], card.latent_channels, request.height, request.width, card.vae_scale_factor
            )
        return LatentsRef(self._tensors.put({"latents": noise}), request.width, request.height, request.seed)

    def denoise(self, request: DenoiseRequest, watch: StepCallbacks) -> LatentsRef:
        """Run the denoising loop. Raises: Cancelled, ServiceError."""
        return self.denoise_many([request], [watch])[0]

    def denoise_many(
        self, requests: Sequence[DenoiseRequest], watches: Sequence[StepCallbacks]
    ) -> tuple[LatentsRef, ...]:
        """Run the denoising loops of several requests for one model, at once if they allow it.

        Raises: Cancelled, ServiceError.
        """
        with translated():
            self._import("core.denoising.loop", "core.models.load")
            from core.denoising.batch import denoise_each

            from .inputs import core_inputs, largest_noise

            parts = self._parts(requests[0].model, largest_noise(requests))
            callbacks = [
                self._step_callback(parts, watch, previews=not request.sliced)
                for request, watch in zip(requests, watches, strict=True)
            ]
            made = denoise_each(
                [core_inputs(each, parts, self._images, self._tensors) for each in requests],
                parts,
                on_step=lambda index, step: callbacks[index](step),
                cancelled=lambda: any(watch.cancelled() for watch in watches),
            )
        return tuple(map(self._kept, requests, made))

    def _kept(self, request: DenoiseRequest, latents: Tensor) -> LatentsRef:
        """Store the latents that a request has made."""
        noise = request.noise
        left = request.end if request.end < 1 else None
        return LatentsRef(self._tensors.put({"latents": latents}), noise.width, noise.height, noise.seed, left)

    def decode(self, model: ModelRef, latents: LatentsRef, *, tiled: bool = False) -> ImageRef:
        """Decode latents to an image; without `tiled`, large images may still be tiled. Raises: ServiceError."""
        with translated():
            self._import("core.latents.decode", "core.models.load")
            from core.latents.decode import decode

            (image,) = decode(self._latents(latents), self._parts(model, latents), tiled=tiled or None)
            if self._memory.copies is not None:
                self._memory.copies.write()  # in the background, now that the first image is there
        return self._images.put(image)

    def encode(self, model: ModelRef, image: ImageRef, seed: int | None, *, tiled: bool = False) -> LatentsRef:
        """Encode an image to latents, with transparent areas as white. Raises: ServiceError."""
        with translated():
            self._import("core.latents.encode", "core.models.load")
            from core.imaging.modes import eight_bit, flatten
            from core.latents.encode import encode_images

            seeds = None if seed is None else [encoder_seed(seed)]
            opaque = flatten(eight_bit(self._images.get(image)))
            latents = encode_images([opaque], self._parts(model, image), seeds=seeds, tiled=tiled or None)
        return LatentsRef(self._tensors.put({"latents": latents}), image.width, image.height, seed)

    def schedulers(self) -> tuple[str, ...]:
        """Return the short names of the schedulers."""
        return tuple(self.about_schedulers())

    def about_schedulers(self) -> dict[str, str]:
        """Return a description of each scheduler, by short name."""
        from core.denoising.schedulers import about

        return about()

    def prepare(self, model: ModelRef) -> None:
        """Load every part of a model and import what the first image needs. Raises: ServiceError."""
        with translated():
            from core.denoising import loop  # noqa: F401
            from core.latents import decode  # noqa: F401
            from core.text import encode  # noqa: F401

            parts = self._parts(model)
            parts.texts()
            parts.unet()
            parts.vae()

    @property
    def device(self) -> str:
        """The configured device, or the device that `auto` has chosen. Raises: ServiceError."""
        with translated():
            return self._device.name

    @property
    def held_parts(self) -> tuple[tuple[str, str], ...]:
        """The folder or file, and the name, of each loaded part of a model."""
        return self._memory.held() if "_memory" in self.__dict__ else ()

    @property
    def held_bytes(self) -> int:
        """The memory that loaded models take, without weights that are mapped from files."""
        return self._memory.used_bytes if "_memory" in self.__dict__ else 0

    def held_besides(self, model: ModelRef) -> int:
        """Return the size of the weights of all other loaded models. Raises: ServiceError."""
        return self._memory.held_besides(self._models.card(model)) if "_memory" in self.__dict__ else 0

    def free(self) -> None:
        """Unload every model and empty the device's memory cache."""
        if "_memory" in self.__dict__:
            from core.devices import empty_cache

            self._memory.clear()
            empty_cache(self._device)

    def free_idle(self, seconds: float | None = None) -> None:
        """Unload what has not been used for some seconds; None for 10 minutes on a graphics card, for ever on a CPU."""
        if "_memory" in self.__dict__ and (seconds is not None or self._device.kind != "cpu"):
            from core.devices import empty_cache

            if self._memory.release_idle(IDLE_S if seconds is None else seconds):
                empty_cache(self._device)

    @property
    def is_writing(self) -> bool:
        """Whether converted copies of models are being written."""
        copies = self._memory.copies if "_memory" in self.__dict__ else None
        return copies is not None and copies.is_writing

    def stop_writing(self) -> None:
        """Stop writing converted copies of models, and remove a copy that is incomplete."""
        if "_memory" in self.__dict__ and self._memory.copies is not None:
            self._memory.copies.stop()

    def close(self) -> None:
        """Wait until converted copies of models are written; Ctrl-C stops writing."""
        if "_memory" in self.__dict__ and self._memory.copies is not None:
            self._memory.copies.finish()

    @shared_property
    def _device(self) -> Device:
        from core.devices import choose_device
        from core.stopping import in_background

        return in_background(partial(choose_device, *self._device_settings), self._cancelled)

    @shared_property
    def _memory(self) -> ModelMemory:
        from core.models.converted import ConvertedCopies
        from core.models.memory import ModelMemory

        report = self._on_model_load
        on_load = None if report is None else lambda card, part, done: report(card.name, part, done)
        copies = ConvertedCopies(*self._copies) if self._copies is not None else None
        return ModelMemory(self._budgets, on_load=on_load, copies=copies)

    def _parts(self, model: ModelRef, sized: ImageRef | LatentsRef | None = None) -> LoadedModel:
        """Return a model for images of the size of `sized`. Raises: ServiceError, if it cannot fit into memory."""
        from core.models.components import LoadedModel

        card = self._models.usable_card(model, NO_SIZE if sized is None else (sized.width, sized.height))
        return LoadedModel(card, self._device_for(card), self._memory, self._cancelled)

    def _import(self, *modules: str) -> None:
        """Import modules of the core, which takes seconds the first time; the node can be cancelled meanwhile.

        Raises: Cancelled.
        """
        from core.stopping import in_background

        missing = set(modules) - self._imported
        if missing:
            in_background(lambda: [import_module(name) for name in sorted(missing)], self._cancelled)
            self._imported |= missing

    def _device_for(self, card: ModelCard) -> Device:
        """Return the device in the precision of this model; if the CPU decides it, note so before the first run."""
        if self._device_settings[1] != "auto":
            return self._device
        from core.devices import auto_dtype

        device = replace(self._device, dtype_name=auto_dtype(self._device.kind, card.size_bytes))
        if device != self._device and self.on_note is not None and not self._models.runs.has_run(card):
            self.on_note = None if self.on_note(IN_BF16.format(card.name)) else self.on_note
        return device

    def _latents(self, ref: LatentsRef) -> Tensor:
        return self._tensors.get(ref.name)["latents"]

    def _step_callback(self, parts: LoadedModel, watch: StepCallbacks, *, previews: bool) -> Callable[[Any], None]:
        """Return the callback for the core to call after each step."""

        def on_step(step: Any) -> None:
            is_due = watch.previews or (lambda: self.preview_every > 0 and step.number % self.preview_every == 0)
            previewed = step.number < step.count and previews and is_due()
            watch.on_step(step.number, step.count, self._preview(step.clean, parts) if previewed else None)

        return on_step

    def _preview(self, latents: Tensor, parts: LoadedModel) -> Image:
        from core.latents.preview import fit_colors, preview

        key = str(parts.card.part("vae").path)
        if key not in self._colors:
            self._colors[key] = fit_colors(parts)
        return preview(latents, self._colors[key])[0]

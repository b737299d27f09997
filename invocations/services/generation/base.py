"""The generation service, through which nodes use the AI core; tensors are passed as references."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.values import ConditioningRef, ImageRef, LatentsRef, MaskRef, ModelRef

if TYPE_CHECKING:
    from PIL.Image import Image


@frozen
class PromptRequest:
    """A prompt to encode, with weights in the syntax `invoke` (`(word)1.3`, `(word:1.3)`, `word++`) or `a1111`."""

    model: ModelRef
    prompt: str
    negative: str
    clip_skip: int
    syntax: str = "invoke"


@frozen
class NoiseRequest:
    """The noise to sample for one image; width and height are in pixels."""

    model: ModelRef
    width: int
    height: int
    seed: int


@frozen
class DenoiseRequest:
    """A denoising run. It starts from `latents`, if any, at `strength` (0 to 1); only white areas of `mask` change.

    A model that edits images starts from noise and sees `latents`; `image_guidance` is how closely it follows them.
    start, end: the part of the noise schedule to run, 0 to 1; an `end` below 1 leaves noise in the latents. With a
    `start`, the latents of `noise` are taken as they are; by default, a run starts where their denoising has stopped.
    sliced: use less memory but more time; results differ only by rounding.
    side_by_side: compute several requests at the same time, each with exactly the result that it has alone.
    """

    model: ModelRef
    conditioning: ConditioningRef
    noise: LatentsRef
    latents: LatentsRef | None
    mask: MaskRef | None
    steps: int
    guidance: float
    scheduler: str
    strength: float
    eta: float = 0.0  # how much new noise is added at each step, 0 to 1; only some schedulers use it
    sliced: bool = False
    image_guidance: float = 1.5
    guidance_rescale: float = 0.0
    start: float | None = None
    end: float = 1.0
    side_by_side: bool = False


@frozen
class StepCallbacks:
    """Callbacks for a long computation: `on_step` is called after every step; `cancelled` returns True to stop it.

    previews: returns True if the step is to have a preview; None if the settings of the service determine it.
    """

    on_step: Callable[[int, int, Image | None], None]  # arguments: number of the step, number of steps, preview
    cancelled: Callable[[], bool]
    previews: Callable[[], bool] | None = None


class GenerationService(ABC):
    """Converts prompts to conditioning, noise to latents, latents to images and back."""

    @abstractmethod
    def encode_prompt(self, request: PromptRequest) -> ConditioningRef:
        """Encode a prompt and its negative prompt."""

    @abstractmethod
    def make_noise(self, request: NoiseRequest) -> LatentsRef:
        """Sample noise with a CPU generator, so that it is the same on every machine."""

    @abstractmethod
    def denoise(self, request: DenoiseRequest, watch: StepCallbacks) -> LatentsRef:
        """Run the denoising loop. Raises: Cancelled, ServiceError."""

    def denoise_many(
        self, requests: Sequence[DenoiseRequest], watches: Sequence[StepCallbacks]
    ) -> tuple[LatentsRef, ...]:
        """Run the denoising loops of several requests for one model, by default one after the other.

        An error in one of them ends them all. Raises: Cancelled, ServiceError.
        """
        return tuple(map(self.denoise, requests, watches))

    @abstractmethod
    def decode(self, model: ModelRef, latents: LatentsRef, *, tiled: bool = False) -> ImageRef:
        """Decode latents to an image; `tiled` uses less memory but more time, with nearly the same result."""

    @abstractmethod
    def encode(self, model: ModelRef, image: ImageRef, seed: int | None, *, tiled: bool = False) -> LatentsRef:
        """Encode an image to latents, sampled from the encoder's distribution or, without a seed, its mean."""

    @abstractmethod
    def schedulers(self) -> tuple[str, ...]:
        """Return the short names of the schedulers."""

    def about_schedulers(self) -> dict[str, str]:
        """Return a description of each scheduler, by short name."""
        return dict.fromkeys(self.schedulers(), "")

    def prepare(self, model: ModelRef) -> None:  # noqa: B027 - optional
        """Load a model before it is needed."""

    @property
    def device(self) -> str:
        """The device in use, such as `cuda:0` or `cpu`; "" if unknown."""
        return ""

    def free(self) -> None:  # noqa: B027 - optional
        """Unload all models; they are loaded again when needed."""

    def free_idle(self, seconds: float | None = None) -> None:  # noqa: B027 - optional
        """Unload models that have not been used for some seconds; by default, as long as suits the device."""

    @property
    def is_writing(self) -> bool:
        """Whether `close` has to wait until something large is written."""
        return False

    def stop_writing(self) -> None:  # noqa: B027 - optional
        """Stop writing what `close` would wait for, and remove what is incomplete."""

    def close(self) -> None:  # noqa: B027 - optional
        """Finish pending writes."""

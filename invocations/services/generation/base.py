"""Generation: the AI core as nodes may ask it. Requests name everything settled; references in, references out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.values import ConditioningRef, ImageRef, LatentsRef, MaskRef, ModelRef

if TYPE_CHECKING:
    from PIL.Image import Image


@frozen
class PromptRequest:
    """A prompt to encode; weights are part of the words: `(word)1.3`, `word++`."""

    model: ModelRef
    prompt: str
    negative: str
    clip_skip: int


@frozen
class NoiseRequest:
    """Noise of one image, width and height in pixels."""

    model: ModelRef
    width: int
    height: int
    seed: int


@frozen
class DenoiseRequest:
    """A denoising run; with `latents` it starts from them at `strength` (0 to 1), with `mask` only white may change.

    sliced: with less memory, in more time, the same but for rounding.
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
    eta: float = 0.0  # fresh noise at each step, 0 to 1, for the schedulers that heed it
    sliced: bool = False


@frozen
class StepCallbacks:
    """How a long computation speaks to its caller: after every step, and whether to stop."""

    on_step: Callable[[int, int, Image | None], None]  # step, of, preview
    cancelled: Callable[[], bool]


class GenerationService(ABC):
    """Turns words into conditioning, noise into latents, latents into pixels and back."""

    @abstractmethod
    def encode_prompt(self, request: PromptRequest) -> ConditioningRef:
        """Encode a prompt and its negative."""

    @abstractmethod
    def make_noise(self, request: NoiseRequest) -> LatentsRef:
        """Draw noise with a CPU generator, the same on every machine."""

    @abstractmethod
    def denoise(self, request: DenoiseRequest, watch: StepCallbacks) -> LatentsRef:
        """Run the denoising loop. Raises: Cancelled, ServiceError."""

    @abstractmethod
    def decode(self, model: ModelRef, latents: LatentsRef, *, tiled: bool = False) -> ImageRef:
        """Turn latents into an image; `tiled` with less memory, in more time, nearly the same."""

    @abstractmethod
    def encode(self, model: ModelRef, image: ImageRef, seed: int | None, *, tiled: bool = False) -> LatentsRef:
        """Turn an image into latents, drawn with the seed from around what the model says, or their mean without."""

    @abstractmethod
    def schedulers(self) -> tuple[str, ...]:
        """Return the schedulers' short names."""

    def about_schedulers(self) -> dict[str, str]:
        """Return what each scheduler is, by its short name."""
        return dict.fromkeys(self.schedulers(), "")

    def prepare(self, model: ModelRef) -> None:  # noqa: B027 - where loading costs nothing there is nothing to do
        """Load a model before it is asked for."""

    @property
    def device(self) -> str:
        """Return where it computes (`cuda:0`, `cpu`), nothing where that is not told."""
        return ""

    def free(self) -> None:  # noqa: B027 - where nothing is loaded there is nothing to let go
        """Let go of the models that are loaded; they are loaded again when they are asked for."""

"""A generation service without a model: each image has one color, determined by seed and steps."""

from __future__ import annotations

from PIL import Image

from invocations.services.errors import ServiceError
from invocations.services.generation.base import (
    DenoiseRequest,
    GenerationService,
    NoiseRequest,
    PromptRequest,
    StepCallbacks,
)
from invocations.services.images.base import ImageService
from invocations.values import ConditioningRef, ImageRef, LatentsRef, ModelRef

TOO_MANY_STEPS = 13  # with this many steps, the device runs out of memory
MAX_WIDTH, MAX_WIDTH_TILED = 256, 512  # wider images exhaust memory


class ScriptedGeneration(GenerationService):
    """Makes images of one color: red is the seed, green the number of steps, blue a constant."""

    blue = 30

    def __init__(self, images: ImageService) -> None:
        self.images = images

    def encode_prompt(self, request: PromptRequest) -> ConditioningRef:
        return ConditioningRef("c" * 64, request.prompt, request.negative)

    def make_noise(self, request: NoiseRequest) -> LatentsRef:
        return LatentsRef(f"{request.seed % 256:064}", request.width, request.height, request.seed)

    def denoise(self, request: DenoiseRequest, watch: StepCallbacks) -> LatentsRef:
        if request.steps == TOO_MANY_STEPS:
            raise ServiceError("the device has no memory left", "make a smaller image", code="out_of_memory")
        for step in range(1, request.steps + 1):
            watch.on_step(step, request.steps, None)
        number = int(request.noise.name) * 1000 + request.steps
        return LatentsRef(f"{number:064}", request.noise.width, request.noise.height, request.noise.seed)

    def decode(self, model: ModelRef, latents: LatentsRef, *, tiled: bool = False) -> ImageRef:
        if latents.width > (MAX_WIDTH_TILED if tiled else MAX_WIDTH):
            bytearray(2**62)  # too large for any allocator to provide
        seed, steps = divmod(int(latents.name), 1000)
        return self.images.put(Image.new("RGB", (latents.width, latents.height), (seed, steps, self.blue)))

    def encode(self, model: ModelRef, image: ImageRef, seed: int | None, *, tiled: bool = False) -> LatentsRef:
        return LatentsRef(f"{(seed or 0) % 256:064}", image.width, image.height, seed)

    def schedulers(self) -> tuple[str, ...]:
        return ("ddim", "euler_a")

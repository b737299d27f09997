"""The steps of generating an image: model, prompt, noise, denoise and decode."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from invocations.fields import input_field, output_field
from invocations.invocation import (
    ConditioningRef,
    ImageRef,
    Invocation,
    InvocationContext,
    LatentsRef,
    ModelRef,
    Output,
    invocation,
)
from invocations.outputs import ImageOutput, LatentsOutput, as_mask
from invocations.precheck.checks import REFINER_START
from invocations.precheck.needs import refuse_without_image, refuse_without_mask
from invocations.prompt_syntax import INVOKE, matters
from invocations.services.generation.base import DenoiseRequest, NoiseRequest, PromptRequest, StepCallbacks
from invocations.services.generation.refining import refine
from invocations.services.models.choosing import choose_model

CATEGORY = "generation"
MODEL = "name or path of a model, or a reference to one (@1)"
NEGATIVE = "negative prompt: what the image should not show"
MASK = "mask; white marks what may change"
STEPS = "model | prompt a red house | noise --seed 7 | denoise"


class ModelOutput(Output):
    """The output of `model`."""

    model: ModelRef = output_field(primary=True, description="the model")


@invocation(
    "model",
    title="Model",
    category=CATEGORY,
    tags=("checkpoint", "weights"),
    examples=("model", "model default | prompt a blue boat | noise | denoise | decode"),
    roles=("loads",),
    work="invocations.services.models.choosing:choose_model",
)
class Model(Invocation):
    """Choose the model for the following stages."""

    name: str = input_field(
        default="default", position=1, completes="model", description="model name, or path of its folder or file"
    )

    def invoke(self, context: InvocationContext) -> ModelOutput:
        return ModelOutput(**choose_model(context, vars(self)))


class PromptOutput(Output):
    """The output of `prompt`."""

    conditioning: ConditioningRef = output_field(primary=True, description="the encoded prompt and negative prompt")


@invocation(
    "prompt",
    title="Prompt",
    category=CATEGORY,
    version="1.1.0",
    tags=("text", "words", "negative"),
    examples=(f"{STEPS} | decode", 'model | prompt "a (red)1.3 house" --negative tree | noise | denoise | decode'),
    model_bound="model",
)
class Prompt(Invocation):
    """Encode a prompt for the model. `(word)1.3`, `(word:1.3)` and `word++` increase the weight of words."""

    model: ModelRef = input_field(primary=True, description=MODEL)
    text: str = input_field(position=1, free_text=True, completes="prompt", description="what the image should show")
    negative: str = input_field(default="", short="n", completes="prompt", feature="negative", description=NEGATIVE)
    clip_skip: int | None = input_field(
        default=None, ge=0, le=11, by_model=True, common=False, precheck="in_encoder", feature="clip_skip",
        earlier_default=0,
        description="number of text encoder layers to skip at the end; Clip skip in A1111 is one higher",
    )  # fmt: skip
    prompt_syntax: Literal["invoke", "a1111"] = input_field(
        default="invoke",
        common=False,
        completes="prompt_syntax",
        description="syntax of prompts: invoke, or a1111, which also understands (word), [word] and BREAK",
    )

    def invoke(self, context: InvocationContext) -> PromptOutput:
        context.fact("prompt", self.text)
        context.fact("negative", self.negative)
        if self.prompt_syntax != INVOKE or any(matters(text, INVOKE) for text in (self.text, self.negative)):
            context.fact("prompt_syntax", self.prompt_syntax)
        skip = context.models.settings(self.model).clip_skip if self.clip_skip is None else self.clip_skip
        request = PromptRequest(self.model, self.text, self.negative, skip, self.prompt_syntax)
        return PromptOutput(conditioning=context.generation.encode_prompt(request))


class NoiseOutput(Output):
    """The output of `noise`."""

    noise: LatentsRef = output_field(primary=True, description="the noise from which an image is denoised")


@invocation(
    "noise",
    title="Noise",
    category=CATEGORY,
    tags=("seed", "size", "random"),
    examples=(f"{STEPS} | decode", "model | prompt a green tree | noise 64 64 --seed 7 | denoise | decode"),
    roles=("starts",),
    output_size="started",
)
class Noise(Invocation):
    """Make the random noise from which an image is denoised. The same seed produces the same noise on every machine."""

    model: ModelRef = input_field(description=MODEL)
    width: int | None = input_field(
        default=None, position=1, short="w", ge=8, le=8192, unit="px", by_model=True, precheck="multiple",
        description="width of the image, a multiple of 8",
    )  # fmt: skip
    height: int | None = input_field(
        default=None, position=2, ge=8, le=8192, unit="px", by_model=True, precheck="multiple",
        description="height of the image, a multiple of 8",
    )  # fmt: skip
    seed: int | None = input_field(
        default=None, seed=True, ge=0, le=2**64 - 1,
        description="random seed; the same seed always produces the same noise",
    )  # fmt: skip
    latents: LatentsRef | None = input_field(
        default=None, given="linked", description="encoded image whose size is used if width and height are omitted"
    )

    def invoke(self, context: InvocationContext) -> NoiseOutput:
        size = self.latents or context.models.settings(self.model)
        width = size.width if self.width is None else self.width
        height = size.height if self.height is None else self.height
        seed = context.seed if self.seed is None else self.seed
        for name, value in (("seed", seed), ("width", width), ("height", height)):
            context.fact(name, value)
        return NoiseOutput(noise=context.generation.make_noise(NoiseRequest(self.model, width, height, seed)))


@invocation(
    "denoise",
    title="Denoise",
    category=CATEGORY,
    tags=("steps", "scheduler", "sampler", "cfg", "guidance", "img2img", "inpaint"),
    examples=(f"{STEPS} | decode", f"{STEPS} --steps 12 --scheduler euler | decode"),
    model_bound="model",
    output_size="of_noise",
    batched=("noise", "conditioning", "latents"),
)
class Denoise(Invocation):
    """Denoise latents step by step, guided by a prompt.

    If an encoded image is linked, denoising starts from this image with noise added to it; the denoising strength
    determines how much. With a mask, only the white area of the image changes. A model that edits images by
    instructions starts from noise and sees the image, whatever the denoising strength. If another `denoise` has left
    noise in (`--end 0.8`), the noise that is left is removed, with the same number of steps.
    """

    noise: LatentsRef = input_field(
        primary=True, description="noise to start from, or latents that still contain noise from another denoise"
    )
    model: ModelRef = input_field(description=MODEL)
    conditioning: ConditioningRef = input_field(
        given="linked", precheck="of_prompt", description="encoded prompt and negative prompt"
    )
    latents: LatentsRef | None = input_field(
        default=None, given="linked", precheck="as_noise", description="encoded image to start from"
    )
    mask: ImageRef | None = input_field(
        default=None, completes="file", feature="mask", precheck="of_inpainting", description=MASK
    )
    steps: int | None = input_field(
        default=None, short="s", ge=1, le=1000, by_model=True, description="number of denoising steps"
    )
    guidance: float | None = input_field(
        default=None, short="g", ge=0, le=100, by_model=True, feature="guidance",
        description="guidance scale (CFG): how closely to follow the prompt",
    )  # fmt: skip
    scheduler: str | None = input_field(
        default=None,
        completes="scheduler",
        by_model=True,
        feature="scheduler",
        description="scheduler (sampler), such as ddim, euler_a or dpmpp_2m_k",
    )
    strength: float = input_field(
        default=1.0, gt=0, le=1, precheck="leaves_a_step", feature="strength",
        description="denoising strength when starting from an image: near 0 changes little, 1 changes everything",
    )  # fmt: skip
    eta: float = input_field(
        default=0.0, ge=0, le=1, common=False,
        description="amount of noise that the ddim scheduler adds at each step; ignored by other schedulers",
    )  # fmt: skip
    image_guidance: float = input_field(
        default=1.5, ge=1, le=100, common=False, added=True, feature="image_guidance",
        description="how closely to follow the image; only used by models that edit images by instructions",
    )  # fmt: skip
    guidance_rescale: float = input_field(
        default=0.0, ge=0, le=1, common=False, added=True, feature="guidance_rescale",
        description="how much to reduce the contrast that guidance adds; for models with zero terminal SNR",
    )  # fmt: skip
    start: float | None = input_field(
        default=None, ge=0, lt=1, common=False, added=True, precheck="before_end",
        description="where in the noise schedule to start; if omitted, where another denoise stopped, or 0",
    )  # fmt: skip
    end: float = input_field(
        default=1.0, gt=0, le=1, common=False, added=True,
        description="where in the noise schedule to stop; below 1, some noise remains for another denoise to remove",
    )  # fmt: skip
    refiner: ModelRef | None = input_field(
        default=None, common=False, added=True, feature="refiner", precheck="of_refiner",
        description="model that runs the last steps, such as the refiner of Stable Diffusion XL",
    )  # fmt: skip
    refiner_start: float = input_field(
        default=REFINER_START, gt=0, lt=1, common=False, added=True, feature="refiner", precheck="with_refiner",
        description="where in the noise schedule the refiner starts",
    )  # fmt: skip

    def invoke(self, context: InvocationContext) -> LatentsOutput:
        return self.invoke_many([(self, context)])[0]

    @classmethod
    def invoke_many(cls, items: Sequence[tuple[Self, InvocationContext]]) -> tuple[LatentsOutput, ...]:
        node, context = items[0]
        requests = [each.request(own) for each, own in items]
        watches = [StepCallbacks(own.progress, own.cancelled, own.wants_preview) for _, own in items]
        if node.refiner is None:
            made = context.generation.denoise_many(requests, watches)
        else:
            made = refine(context.generation, requests, node.refiner, node.refiner_start, watches)
        return tuple([LatentsOutput(latents=latents) for latents in made])

    def request(self, context: InvocationContext) -> DenoiseRequest:
        """Return the request to the service, with the defaults of the model, and record the facts about it."""
        fitting = context.models.settings(self.model)
        if self.mask is None:
            refuse_without_mask([fitting])
        if self.latents is None:
            refuse_without_image([fitting])
        request = DenoiseRequest(
            model=self.model,
            conditioning=self.conditioning,
            noise=self.noise,
            latents=self.latents,
            mask=None if self.mask is None else as_mask(context, self.mask),
            steps=fitting.steps if self.steps is None else self.steps,
            guidance=fitting.guidance if self.guidance is None else self.guidance,
            scheduler=fitting.scheduler if self.scheduler is None else self.scheduler,
            strength=self.strength,
            eta=self.eta,
            image_guidance=self.image_guidance,
            guidance_rescale=self.guidance_rescale,
            start=self.start,
            end=self.end,
            sliced=context.low_memory,
            side_by_side=context.side_by_side,
        )
        for name in ("steps", "guidance", "scheduler"):
            context.fact(name, getattr(request, name))
        if self.latents is not None and not fitting.needs_image:
            context.fact("strength", self.strength)
        if self.refiner is not None:
            context.fact("refiner", self.refiner.model)
        return request


@invocation(
    "decode",
    title="Decode",
    category=CATEGORY,
    version="1.1.0",
    tags=("vae", "pixels"),
    examples=(f"{STEPS} | decode", f"{STEPS} | decode --tiled"),
    model_bound="model",
    output_size="of_latents",
)
class Decode(Invocation):
    """Decode latents into an image with the model's VAE."""

    latents: LatentsRef = input_field(primary=True, precheck="of_vae", description="latents to decode")
    model: ModelRef = input_field(description=MODEL)
    tiled: bool = input_field(default=False, common=False, description="decode in tiles: less memory, more time")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        tiled = context.low_memory or self.tiled
        if self.latents.denoised_to is not None:
            left = f"these latents still contain noise: they were only denoised up to {self.latents.denoised_to:g}"
            context.warn(f"{left}; another `denoise` removes it")
        return ImageOutput(image=context.generation.decode(self.model, self.latents, tiled=tiled))

"""Turn requests of `/sdapi/v1` into steps of a line, in the way in which its metadata in images is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from invokeai_web.compat.built_line import model_named
from workflows.importers.parameters import GenerationParameters, Hires, ImportedMask, ImportedStep, imported
from workflows.importers.prompt_weights import rewrite
from workflows.synonyms.samplers import scheduler_of

from .errors import SdError
from .requests import ExtraSingle, ImageToImage, TextToImage
from .sampler_names import NO_UPSCALER, upscaler_named

if TYPE_CHECKING:
    from workflows.importers.parameters import Value
    from workflows.workspace import Workspace

TOOL: Final = "AUTOMATIC1111"
STRENGTH: Final = 0.75  # the default of `denoising_strength`
CHECKPOINT: Final = "sd_model_checkpoint"
CLIP_LAYERS: Final = "CLIP_stop_at_last_layers"
NO_EFFECT: Final = ("restore_faces", "tiling", "styles")  # fields that change images elsewhere, but not here
Steps = tuple[list[ImportedStep], list[str]]
Options = Mapping[str, Any]


def text_steps(workspace: Workspace, request: TextToImage, seed: int, options: Options) -> Steps:
    """Return the steps of `txt2img`, and notes on what has no effect. Raises: SdError.

    options: the options that were set before, by name
    """
    params = _parameters(workspace, request, seed, options)
    if request.enable_hr:
        params.hires = _hires(request, params)
    return _steps(params)


def image_steps(
    workspace: Workspace, request: ImageToImage, seed: int, options: Options, image: str, mask: str = ""
) -> Steps:
    """Return the steps of `img2img`, and notes on what has no effect. Raises: SdError.

    image, mask: names on the shelf; without a mask, the whole image changes
    """
    params = _parameters(workspace, request, seed, options)
    params.strength = STRENGTH if request.denoising_strength is None else request.denoising_strength
    params.image, params.mask = image, _mask(request, mask) if mask else None
    steps, notes = _steps(params)
    if mask and (size := _size(request)):  # `inpaint` keeps the size of the image
        steps.insert(1, ImportedStep("resize", size))
    return steps, notes


def upscale_steps(workspace: Workspace, request: ExtraSingle, image: str) -> list[ImportedStep]:
    """Return the steps of `extra-single-image`. Raises: SdError."""
    loaded = ImportedStep("load", {"source": image})
    methods, values = workspace.names("upscaler"), {}
    if request.upscaler_1 not in ("", NO_UPSCALER):
        method = upscaler_named(request.upscaler_1, methods)
        if method is None:
            raise SdError(422, f"there is no upscaler `{request.upscaler_1}`", f"there are {', '.join(methods)}")
        values["method"] = method
    if request.resize_mode == 1:
        fit = "cover" if request.upscaling_crop else "stretch"
        return [loaded, _resized(request.upscaling_resize_w, request.upscaling_resize_h, fit)]
    return [loaded, ImportedStep("upscale", {"scale": request.upscaling_resize, **values})]


def _parameters(workspace: Workspace, request: TextToImage, seed: int, options: Options) -> GenerationParameters:
    if request.scripts:
        names = ", ".join(f"`{name}`" for name in request.scripts)
        raise SdError(422, f"this server has no scripts, so {names} cannot run", "leave it out of the request")
    params = GenerationParameters(seed=seed, steps=request.steps, guidance=request.cfg_scale)
    params.prompt = _prompt(request.prompt, params)
    params.negative = _prompt(request.negative_prompt, params)
    params.width, params.height = request.width, request.height
    params.scheduler = _scheduler(request.sampler_name or request.sampler_index, request.scheduler, params)
    settings = {**options, **request.overridden}
    params.model = model_of(workspace, settings.get(CHECKPOINT))
    layers = request.clip_skip if request.clip_skip is not None else settings.get(CLIP_LAYERS)
    params.clip_skip = layers - 1 if isinstance(layers, int) and layers > 1 else None
    for name in NO_EFFECT:
        if getattr(request, name):
            params.note(f"`{name}` has no effect")
    for name in sorted(set(request.overridden) - {CHECKPOINT, CLIP_LAYERS}):
        params.note(f"the setting `{name}` has no effect")
    return params


def model_of(workspace: Workspace, name: object) -> str | None:
    """Return the model with this name or title, or None for the default. Raises: SdError."""
    if not isinstance(name, str) or not name:
        return None
    found = model_named(workspace, name.rpartition(" [")[0] if name.endswith("]") else name)
    if found is None:
        raise SdError(422, f"there is no model `{name[:100]}`", "`GET /sdapi/v1/sd-models` lists the models")
    return found


def _prompt(text: str, params: GenerationParameters) -> str:
    """Return a prompt with its weights in our syntax."""
    rewritten, notes = rewrite(params.read_prompt(text), brackets=True)
    for note in notes:
        params.note(note)
    return rewritten


def _steps(params: GenerationParameters) -> Steps:
    found = imported(TOOL, params)
    return [*found.steps], [*found.notes]


def _scheduler(name: str, spacing: str, params: GenerationParameters) -> str | None:
    if not name or name.casefold() == "automatic":
        return None
    scheduler, note = scheduler_of(name[:60], spacing[:60])
    if scheduler is None:
        hint = f"`{name[:60]}` is unknown; `GET /sdapi/v1/samplers` lists the samplers"
        raise SdError(404, "Sampler not found", hint)
    if note:
        params.note(note)
    return scheduler


def _hires(request: TextToImage, params: GenerationParameters) -> Hires:
    if request.hr_upscaler and request.hr_upscaler.casefold() not in ("none", "lanczos"):
        params.note(f"the upscaler `{request.hr_upscaler}` is not available: `lanczos` is used")
    hires = Hires(steps=request.hr_second_pass_steps or None, guidance=request.hr_cfg)
    hires.strength = STRENGTH if request.denoising_strength is None else request.denoising_strength
    if request.hr_resize_x and request.hr_resize_y:
        hires.width, hires.height = request.hr_resize_x, request.hr_resize_y
    else:
        hires.scale = request.hr_scale or 2.0
    hires.scheduler = _scheduler(request.hr_sampler_name, request.hr_scheduler, params)
    return hires


def _size(request: TextToImage) -> dict[str, Value]:
    """Return the values of `resize`, or nothing if the request has no size."""
    if not request.width or not request.height:
        return {}
    return {"width": request.width, "height": request.height, "fit": "cover"}


def _resized(width: int, height: int, fit: str) -> ImportedStep:
    return ImportedStep("resize", {"width": width, "height": height, "fit": fit})


def _mask(request: ImageToImage, name: str) -> ImportedMask:
    mask, size = ImportedMask(name), _size(request)
    mask = mask.then("resize", **size) if size else mask
    mask = mask.then("mask-invert") if request.inpainting_mask_invert else mask
    return mask.then("mask-feather", radius=request.mask_blur) if request.mask_blur else mask

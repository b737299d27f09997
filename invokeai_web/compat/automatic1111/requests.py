"""The requests of `/sdapi/v1`; fields that are not listed are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from workflows.importers.parameters import MAX_PROMPT, MAX_SEED

MOST_IMAGES: Final = 16
RANDOM: Final = -1
MOST_BASE64: Final = 64 * 2**20


def _text_or_blank(value: Any) -> Any:
    """Return "" for null, which clients send for fields that are not set."""
    return "" if value is None else value


Prompt = Annotated[str, BeforeValidator(_text_or_blank), Field(max_length=MAX_PROMPT)]
Name = Annotated[str, BeforeValidator(_text_or_blank), Field(max_length=300)]
Count = Annotated[int, Field(ge=1, le=MOST_IMAGES)]
Side = Annotated[int, Field(ge=1, le=32_768)]
Part = Annotated[float, Field(ge=0, le=1)]
EncodedImage = Annotated[str, Field(max_length=MOST_BASE64)]  # base64, or a `data:` URL


class SdRequest(BaseModel):
    """Base class of the requests."""

    model_config = ConfigDict(extra="allow")

    @property
    def ignored(self) -> list[str]:
        """The names of the fields that have no effect."""
        return sorted(self.model_extra or {})


class TextToImage(SdRequest):
    """The fields of `txt2img`; what is left out is up to the model, unlike in AUTOMATIC1111."""

    prompt: Prompt = ""
    negative_prompt: Prompt = ""
    seed: Annotated[int, Field(ge=RANDOM, le=MAX_SEED)] = RANDOM
    sampler_name: Name = ""
    sampler_index: Name = ""
    scheduler: Name = ""
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    cfg_scale: Annotated[float, Field(ge=0, le=100)] | None = None
    width: Side | None = None
    height: Side | None = None
    batch_size: Count = 1
    n_iter: Count = 1
    denoising_strength: Part | None = None
    enable_hr: bool = False
    hr_scale: Annotated[float, Field(ge=1, le=8)] | None = None
    hr_upscaler: Name = ""
    hr_second_pass_steps: Annotated[int, Field(ge=0, le=1000)] = 0
    hr_resize_x: Annotated[int, Field(ge=0, le=32_768)] = 0
    hr_resize_y: Annotated[int, Field(ge=0, le=32_768)] = 0
    hr_sampler_name: Name = ""
    hr_scheduler: Name = ""
    hr_cfg: Annotated[float, Field(ge=0, le=100)] | None = None
    clip_skip: Annotated[int, Field(ge=0, le=12)] | None = None
    restore_faces: bool | None = None
    tiling: bool | None = None
    styles: list[str] | None = None
    override_settings: dict[str, Any] | None = None
    script_name: Name = ""
    alwayson_scripts: dict[str, Any] | None = None
    send_images: bool = True
    force_task_id: Name = ""

    @property
    def count(self) -> int:
        """How many images are wanted."""
        return self.batch_size * self.n_iter

    @property
    def overridden(self) -> Mapping[str, Any]:
        """The settings for this request alone."""
        return self.override_settings or {}

    @property
    def scripts(self) -> list[str]:
        """The names of the scripts that the request needs."""
        named = [name for name, content in (self.alwayson_scripts or {}).items() if _has_arguments(content)]
        return [*([self.script_name] if self.script_name.casefold() not in ("", "none") else []), *named]


class ImageToImage(TextToImage):
    """The fields of `img2img`; white areas of the mask change."""

    init_images: Annotated[list[EncodedImage], Field(min_length=1, max_length=1)]
    mask: EncodedImage | None = None
    mask_blur: Annotated[float, Field(ge=0, le=500)] | None = None
    inpainting_mask_invert: bool = False


class ExtraSingle(SdRequest):
    """The fields of `extra-single-image`: an image to enlarge by a factor, or to a size."""

    image: EncodedImage
    resize_mode: Annotated[int, Field(ge=0, le=1)] = 0
    upscaling_resize: Annotated[float, Field(ge=1, le=8)] = 2
    upscaling_resize_w: Side = 512
    upscaling_resize_h: Side = 512
    upscaling_crop: bool = True
    upscaler_1: Name = ""
    force_task_id: Name = ""


class PngInfo(SdRequest):
    """The field of `png-info`: an image whose metadata is read."""

    image: EncodedImage


class SdOptions(SdRequest):
    """The options that can be set; all others are ignored, since clients send back all that they have read."""

    sd_model_checkpoint: Name = ""
    CLIP_stop_at_last_layers: Annotated[int, Field(ge=1, le=12)] | None = None


def _has_arguments(script: object) -> bool:
    """Return True if a script is given arguments, so that it would do something."""
    return bool(script.get("args")) if isinstance(script, dict) else bool(script)

"""The answers of `/sdapi/v1`: images with what is known about them, options and models."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from invokeai_web.plain_json import plain_json

from .sampler_names import sampler_name
from .steps import CHECKPOINT, CLIP_LAYERS

if TYPE_CHECKING:
    from invocations.services.models.base import ModelInfo
    from invokeai_web.compat.generation import GeneratedImage

    from .requests import TextToImage

HIDDEN: Final = ("init_images", "mask", "image")  # fields that are not repeated in the answer
NOTES: Final = "Notes"


def images_answer(
    request: TextToImage, images: Sequence[GeneratedImage], contents: Sequence[bytes], notes: Sequence[str]
) -> dict[str, Any]:
    """Return the answer to a request for images."""
    shown = [base64.b64encode(content).decode("ascii") for content in contents] if request.send_images else []
    parameters = {name: value for name, value in request.model_dump().items() if name not in HIDDEN}
    info = json.dumps(plain_json(images_info(request, images, notes)), ensure_ascii=False)
    return {"images": shown, "parameters": plain_json(parameters), "info": info}


def images_info(request: TextToImage, images: Sequence[GeneratedImage], notes: Sequence[str]) -> dict[str, Any]:
    """Return what is known about the images: what was asked for, and what the models chose."""
    facts: Mapping[str, Any] = images[0].facts if images else {}
    seeds = [image.seed for image in images]
    clip_skip = facts.get("clip_skip") or 0
    return {
        "prompt": request.prompt,
        "all_prompts": [request.prompt] * len(images),
        "negative_prompt": request.negative_prompt,
        "all_negative_prompts": [request.negative_prompt] * len(images),
        "seed": seeds[0] if seeds else -1,
        "all_seeds": seeds,
        "subseed": 0,
        "all_subseeds": [0] * len(images),
        "subseed_strength": 0,
        "width": images[0].ref.width if images else 0,
        "height": images[0].ref.height if images else 0,
        "sampler_name": sampler_name(str(facts.get("scheduler", ""))),
        "cfg_scale": facts.get("guidance"),
        "steps": facts.get("steps"),
        "batch_size": request.batch_size,
        "restore_faces": False,
        "face_restoration_model": None,
        "sd_model_name": facts.get("model"),
        "sd_model_hash": None,
        "denoising_strength": facts.get("strength"),
        "extra_generation_params": {NOTES: "; ".join(notes)} if notes else {},
        "index_of_first_image": 0,
        "infotexts": [image.parameters for image in images],
        "styles": [],
        "clip_skip": clip_skip + 1,
        "is_using_inpainting_conditioning": False,
    }


def options_answer(model: str, layers: int) -> dict[str, Any]:
    """Return the options that clients read."""
    return {
        CHECKPOINT: model,
        "sd_checkpoint_hash": None,
        CLIP_LAYERS: layers,
        "sd_vae": "Automatic",
        "samples_format": "png",
        "enable_pnginfo": True,
    }


def model_row(info: ModelInfo) -> dict[str, Any]:
    """Return a model; the name stands for the file, whose path nobody needs to know."""
    return {
        "title": info.name,
        "model_name": info.name,
        "hash": None,
        "sha256": None,
        "filename": info.name,
        "config": None,
    }

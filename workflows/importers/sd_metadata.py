"""The `sd-metadata` JSON of InvokeAI 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dream import split_prompt
from .parameters import Found, Making, found, shown
from .samplers import scheduler_of
from .untrusted import json_object, mapping, real, sequence, text, whole

TOOL = "InvokeAI 2 (sd-metadata)"
READ = frozenset(
    {
        "prompt", "steps", "cfg_scale", "seed", "width", "height", "sampler", "strength", "init_image_path", "type",
        "postprocessing", "fit", "orig_hash", "init_mask", "mask_image_path", "facetool", "upscale",
    }
)  # fmt: skip
NOTHING: tuple[Any, ...] = (None, False, 0, 0.0, "", [], {})


def read(metadata: str) -> Found | None:
    """Return what an `sd-metadata` text tells, None where it tells nothing."""
    data = json_object(metadata)
    image = mapping(data.get("image")) if data else {}
    if data is None or not image:
        return None
    making = Making()
    making.prompt, making.negative = split_prompt(_prompt(image.get("prompt"), making), making)
    making.steps, making.seed = whole(image.get("steps")), whole(image.get("seed"))
    making.width, making.height = whole(image.get("width")), whole(image.get("height"))
    making.guidance = real(image.get("cfg_scale"))
    making.model = text(data.get("model_weights"))[:200] or None
    if sampler := text(image.get("sampler")):
        making.scheduler, note = scheduler_of(sampler[:60])
        if note:
            making.note(note)
    if image.get("type") in ("img2img", "inpaint") or image.get("init_image_path"):
        making.strength = real(image.get("strength")) or 0.75
        making.image = text(image.get("init_image_path"))[:1000] or None
    _rest(image, making)
    return found(TOOL, making)


def _prompt(prompt: object, making: Making) -> str:
    """Return the one prompt of several with weights, or the text."""
    if isinstance(prompt, str):
        return prompt
    parts = [each for each in map(mapping, sequence(prompt)) if text(each.get("prompt")).strip()]
    words = []
    for part in parts:
        weight = real(part.get("weight"))
        plain = weight is None or weight == 1 or len(parts) == 1
        words.append(text(part["prompt"]) if plain else f"({text(part['prompt'])}){max(weight or 0, 0):g}")
    if len(parts) > 1:
        making.note("several prompts were mixed: here they are parts of one, with their weights")
    return ", ".join(words)


def _rest(image: Mapping[str, Any], making: Making) -> None:
    if image.get("init_mask") or image.get("mask_image_path") or image.get("type") == "inpaint":
        making.note("only a part of a picture was drawn, through a mask that the file does not hold: see `inpaint`")
    for step in map(mapping, sequence(image.get("postprocessing"))[:20]):
        scale = real(step.get("scale"))
        if scale is not None and making.enlarged is None:
            making.enlarged = scale
            making.note(f"enlarging by `{shown(step.get('type'))}` is not there: `upscale` enlarges in its own way")
        else:
            making.note(f"`{shown(step.get('type'))}` afterwards has no counterpart here")
    for name, value in list(image.items())[:100]:
        if name not in READ and value not in NOTHING:
            making.note(f"`{shown(name)}: {shown(value)}` has no counterpart here")

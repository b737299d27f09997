"""The `sd-metadata` JSON of InvokeAI 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.synonyms.samplers import scheduler_of

from .dream import split_prompt, transparent_mask
from .masks import UNKNOWN
from .parameters import GenerationParameters, Imported, imported, short
from .untrusted import integer, json_object, mapping, number, sequence, string

TOOL = "InvokeAI 2 (sd-metadata)"
READ = frozenset(
    {
        "prompt", "steps", "cfg_scale", "seed", "width", "height", "sampler", "strength", "init_image_path", "type",
        "postprocessing", "fit", "orig_hash", "init_mask", "mask_image_path", "facetool", "upscale",
    }
)  # fmt: skip
EMPTY: tuple[Any, ...] = (None, False, 0, 0.0, "", [], {})


def read(metadata: str) -> Imported | None:
    """Return the settings in an `sd-metadata` text, or None if nothing is usable."""
    data = json_object(metadata)
    image = mapping(data.get("image")) if data else {}
    if data is None or not image:
        return None
    params = GenerationParameters()
    params.prompt, params.negative = split_prompt(_prompt(image.get("prompt"), params), params)
    params.steps, params.width, params.height = (
        params.read(name, image.get(name), integer) for name in ("steps", "width", "height")
    )
    params.seed = params.read_seed("seed", image.get("seed"))
    params.guidance = params.read("cfg_scale", image.get("cfg_scale"), number)
    params.model = string(data.get("model_weights"))[:200] or None
    if sampler := string(image.get("sampler")):
        params.scheduler, note = scheduler_of(sampler[:60])
        if note:
            params.note(note)
    if image.get("type") in ("img2img", "inpaint") or image.get("init_image_path"):
        params.strength = params.read("strength", image.get("strength"), number) or 0.75
        params.image = string(image.get("init_image_path"))[:1000] or None
        params.mask = transparent_mask(image.get("mask_image_path") or image.get("init_mask"))
    _rest(image, params)
    return imported(TOOL, params)


def _prompt(prompt: object, params: GenerationParameters) -> str:
    """Return the prompt; several weighted prompts are combined into one."""
    if isinstance(prompt, str):
        return prompt
    parts = [each for each in map(mapping, sequence(prompt)) if string(each.get("prompt")).strip()]
    words = []
    for part in parts:
        weight = number(part.get("weight"))
        plain = weight is None or weight == 1 or len(parts) == 1
        text = params.read_prompt(part["prompt"])
        words.append(text if plain else f"({text}){max(weight or 0, 0):g}")
    if len(parts) > 1:
        params.note("several prompts were blended: they are joined into one prompt, with their weights")
    return ", ".join(words)


def _rest(image: Mapping[str, Any], params: GenerationParameters) -> None:
    if params.mask is None and (image.get("init_mask") or image.get("type") == "inpaint"):
        params.note(UNKNOWN)
    for step in map(mapping, sequence(image.get("postprocessing"))[:20]):
        scale = number(step.get("scale"))
        if scale is not None and params.enlarged is None:
            params.enlarged = scale
            params.note(f"upscaling with `{short(step.get('type'))}` is not available: `upscale` uses its own method")
        else:
            params.note(f"postprocessing with `{short(step.get('type'))}` is not supported")
    for name, value in list(image.items())[:100]:
        if name not in READ and value not in EMPTY:
            params.note(f"`{short(name)}: {short(value)}` is not supported")

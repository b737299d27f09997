"""SwarmUI's JSON in `parameters`: all settings are in `sui_image_params`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .json_settings import JsonSettings
from .masks import UNKNOWN
from .parameters import GenerationParameters, Imported, imported, short
from .untrusted import mapping, sequence, string

TOOL = "SwarmUI"
SETTINGS = "sui_image_params"
IGNORED = frozenset(
    {
        "swarm_version", "date", "generation_time", "prep_time", "aspectratio", "automaticvae", "images", "nopreviews",
        "imageformat", "donotsave", "wildcardseed", "original_prompt", "used_wildcards", "modelspecificenhancements",
        "personalnote",
    }
)  # fmt: skip


def read_object(data: Mapping[str, Any]) -> Imported | None:
    """Return the settings in a JSON object written by SwarmUI, or None if another tool wrote the object."""
    if SETTINGS not in data:
        return None
    params = GenerationParameters()
    settings = JsonSettings(mapping(data[SETTINGS]), params)
    params.prompt = settings.prompt(settings.text("prompt"), brackets=False)
    params.negative = settings.prompt(settings.text("negativeprompt"), brackets=False)
    params.steps, params.seed = settings.integer("steps"), settings.seed("seed")
    params.guidance = settings.number("cfgscale")
    params.width, params.height = settings.integer("width"), settings.integer("height")
    params.model = settings.text("model") or None
    sampler = settings.text("sampler", "comfyuisampler")
    params.scheduler = settings.scheduler(sampler, settings.text("scheduler", "comfyuischeduler"))
    last = settings.number("clipstopatlayer")
    params.clip_skip = int(-last) - 1 or None if last is not None and -12 <= last <= -1 else None
    _take_image(settings, params)
    names, weights = (_listed(settings.take(name)) for name in ("loras", "loraweights"))
    for i, name in enumerate(names[:20]):
        weight = f":{weights[i]}" if i < len(weights) else ""
        params.note(f"the LoRA `{short(name + weight)}` is ignored: LoRA is not supported")
    settings.report(IGNORED)
    return imported(TOOL, params)


def _take_image(settings: JsonSettings, params: GenerationParameters) -> None:
    """Read the denoising strength if the generation started from another image."""
    image, strength = settings.take("initimage"), settings.number("initimagecreativity")
    if image is not None or strength is not None:
        params.strength = 0.6 if strength is None else strength  # SwarmUI's default
    if settings.take("maskimage") is not None:
        params.note(UNKNOWN)


def _listed(value: object) -> list[str]:
    """Return a list, which may be stored as a JSON list or as a comma-separated string."""
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    return [string(each) or str(each) for each in sequence(value)]

"""The `invokeai_metadata` JSON of InvokeAI 3 and later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workflows.synonyms.samplers import scheduler_of

from .dream import as_ours
from .masks import UNKNOWN
from .parameters import GenerationParameters, Hires, Imported, imported, short
from .untrusted import integer, json_object, mapping, number, sequence, string

TOOL = "InvokeAI"
READ = frozenset(
    {
        "positive_prompt", "negative_prompt", "steps", "cfg_scale", "seed", "width", "height", "scheduler", "strength",
        "init_image", "clip_skip", "model", "generation_mode", "app_version", "rand_device", "hrf_enabled",
        "hrf_strength", "hrf_method", "hrf_width", "hrf_height", "loras", "canvas_v2_metadata", "refiner_model",
        "refiner_start",
    }
)  # fmt: skip
LISTS = {
    "controlnets": "ControlNet", "ipAdapters": "IP adapter", "t2iAdapters": "T2I adapter", "ref_images": "reference",
}  # fmt: skip
EMPTY: tuple[Any, ...] = (None, False, 0, 0.0, "", [], {})


def read(metadata: str) -> Imported | None:
    """Return the settings in an `invokeai_metadata` text, or None if nothing is usable."""
    data = json_object(metadata)
    if not data or not ({"positive_prompt", "generation_mode", "seed"} & set(data)):
        return None
    params = GenerationParameters()
    params.prompt, params.negative = (as_ours(data.get(f"{name}_prompt"), params) for name in ("positive", "negative"))
    params.steps, params.width, params.height, params.clip_skip = (
        params.read(name, data.get(name), integer) for name in ("steps", "width", "height", "clip_skip")
    )
    params.clip_skip = params.clip_skip or None
    params.seed = params.read_seed("seed", data.get("seed"))
    params.guidance = params.read("cfg_scale", data.get("cfg_scale"), number)
    params.model, params.refiner = (_name(data.get(name)) for name in ("model", "refiner_model"))
    params.refiner_start = params.read("refiner_start", data.get("refiner_start"), number)
    if scheduler := string(data.get("scheduler")):
        params.scheduler, note = scheduler_of(scheduler[:60])
        if note:
            params.note(note)
    _source_image(data, params)
    _second_pass(data, params)
    _rest(data, params)
    return imported(TOOL, params)


def _source_image(data: Mapping[str, Any], params: GenerationParameters) -> None:
    """Read which image the generation started from, if any."""
    mode, image = string(data.get("generation_mode")), string(data.get("init_image"))[:1000]
    if image or mode.endswith(("img2img", "inpaint", "outpaint")):
        params.strength, params.image = number(data.get("strength")) or 0.75, image or None
    if mode.endswith(("inpaint", "outpaint")):
        params.note(UNKNOWN)
    if mode and not mode.endswith(("txt2img", "img2img", "inpaint", "outpaint")):
        params.note(f"`generation_mode: {short(mode)}` is not supported")


def _second_pass(data: Mapping[str, Any], params: GenerationParameters) -> None:
    if data.get("hrf_enabled") is not True and number(data.get("hrf_strength")) is None:
        return
    last = (params.width, params.height)
    params.width, params.height = (integer(data.get(name)) or None for name in ("hrf_width", "hrf_height"))
    if params.width and params.height:
        params.hires = Hires(width=last[0], height=last[1], strength=number(data.get("hrf_strength")))
    else:
        params.width, params.height = last
        params.note("the size of the first pass is not recorded: it is generated in one pass")


def _rest(data: Mapping[str, Any], params: GenerationParameters) -> None:
    for each in map(mapping, sequence(data.get("loras"))[:20]):
        name = _name(each.get("lora") or each.get("model")) or "?"
        params.note(f"the LoRA `{short(name)}` is ignored: LoRA is not supported")
    for name, value in list(data.items())[:200]:
        if name in LISTS and sequence(value):
            params.note(f"{len(value)} x {LISTS[name]} is not supported")
        elif name not in READ and value not in EMPTY:
            value = _name(value) or value
            params.note(f"`{short(name)}: {short(value)}` is not supported")


def _name(model: object) -> str | None:
    data = mapping(model)
    return string(data.get("model_name") or data.get("name") or model)[:200] or None

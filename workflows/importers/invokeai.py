"""The `invokeai_metadata` JSON of InvokeAI 3 and later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dream import COMPEL
from .parameters import Found, Hires, Making, found, shown
from .samplers import scheduler_of
from .untrusted import json_object, mapping, real, sequence, text, whole

TOOL = "InvokeAI"
READ = frozenset(
    {
        "positive_prompt", "negative_prompt", "steps", "cfg_scale", "seed", "width", "height", "scheduler", "strength",
        "init_image", "clip_skip", "model", "generation_mode", "app_version", "rand_device", "hrf_enabled",
        "hrf_strength", "hrf_method", "hrf_width", "hrf_height", "loras", "canvas_v2_metadata",
    }
)  # fmt: skip
SEVERAL = {
    "controlnets": "ControlNet", "ipAdapters": "IP adapter", "t2iAdapters": "T2I adapter", "ref_images": "reference",
}  # fmt: skip
NOTHING: tuple[Any, ...] = (None, False, 0, 0.0, "", [], {})


def read(metadata: str) -> Found | None:
    """Return what an `invokeai_metadata` text tells, None where it tells nothing."""
    data = json_object(metadata)
    if not data or not ({"positive_prompt", "generation_mode", "seed"} & set(data)):
        return None
    making = Making()
    making.prompt, making.negative = text(data.get("positive_prompt")), text(data.get("negative_prompt"))
    for name in sorted(set(COMPEL.findall(making.prompt))):
        making.note(f"`.{name}(...)` is not known in prompts here and stays as text")
    making.steps, making.seed = whole(data.get("steps")), whole(data.get("seed"))
    making.width, making.height = whole(data.get("width")), whole(data.get("height"))
    making.guidance, making.clip_skip = real(data.get("cfg_scale")), whole(data.get("clip_skip")) or None
    making.model = _name(data.get("model"))
    if scheduler := text(data.get("scheduler")):
        making.scheduler, note = scheduler_of(scheduler[:60])
        if note:
            making.note(note)
    _begin(data, making)
    _second_pass(data, making)
    _rest(data, making)
    return found(TOOL, making)


def _begin(data: Mapping[str, Any], making: Making) -> None:
    """Read what picture it began from."""
    mode, image = text(data.get("generation_mode")), text(data.get("init_image"))[:1000]
    if image or mode.endswith(("img2img", "inpaint", "outpaint")):
        making.strength, making.image = real(data.get("strength")) or 0.75, image or None
    if mode.endswith(("inpaint", "outpaint")):
        making.note("only a part of a picture was drawn, through a mask that the file does not hold: see `inpaint`")
    if mode and not mode.endswith(("txt2img", "img2img", "inpaint", "outpaint")):
        making.note(f"`generation_mode: {shown(mode)}` has no counterpart here")


def _second_pass(data: Mapping[str, Any], making: Making) -> None:
    if data.get("hrf_enabled") is not True and real(data.get("hrf_strength")) is None:
        return
    last = (making.width, making.height)
    making.width, making.height = (whole(data.get(name)) or None for name in ("hrf_width", "hrf_height"))
    if making.width and making.height:
        making.hires = Hires(width=last[0], height=last[1], strength=real(data.get("hrf_strength")))
    else:
        making.width, making.height = last
        making.note("the size of the first of its two passes is not told: it is drawn in one")


def _rest(data: Mapping[str, Any], making: Making) -> None:
    for each in map(mapping, sequence(data.get("loras"))[:20]):
        name = _name(each.get("lora") or each.get("model")) or "?"
        making.note(f"the LoRA `{shown(name)}` is left out: there are no such additions to a model here")
    for name, value in list(data.items())[:200]:
        if name in SEVERAL and sequence(value):
            making.note(f"{len(value)} x {SEVERAL[name]}: has no counterpart here")
        elif name not in READ and value not in NOTHING:
            value = _name(value) or value
            making.note(f"`{shown(name)}: {shown(value)}` has no counterpart here")


def _name(model: object) -> str | None:
    data = mapping(model)
    return text(data.get("model_name") or data.get("name") or model)[:200] or None

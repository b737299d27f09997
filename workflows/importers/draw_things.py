"""Read Draw Things' metadata: JSON with the prompts `c` and `uc` in Exif or XMP; older XMP contains only plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from .automatic1111 import read_infotext
from .infotext import split
from .json_settings import JsonSettings
from .parameters import GenerationParameters, Hires, Imported, imported, short
from .untrusted import json_object, mapping, sequence, string

TOOL = "Draw Things"
XMP = "XML:com.adobe.xmp"
MAX_XMP = 2**20  # maximum length of an XMP text, in characters
CREATOR = re.compile(r"CreatorTool(?:>|=\")\s*Draw Things")
IGNORED = frozenset({"v2", "profile", "mask_blur", "mask_blur_outset"})
NEUTRAL = {"shift": (1, 1.0), "strength": (1, 1.0), "batch_size": (1,)}


def read(xmp: str) -> Imported | None:
    """Return the settings in XMP text written by Draw Things, or None if another tool wrote the text."""
    if len(xmp) > MAX_XMP or not CREATOR.search(xmp):
        return None
    data = json_object(_property(xmp, "exif:UserComment"))
    if data:
        return read_object(data)
    found = split(_property(xmp, "dc:description").replace("\n-", "\nNegative prompt: ", 1))
    found.settings = {name: value for name, value in found.settings.items() if not _is_neutral(name.casefold(), value)}
    return read_infotext(found, TOOL) if found.settings else None


def read_object(data: Mapping[str, Any]) -> Imported | None:
    """Return the settings in a JSON object written by Draw Things, or None if another tool wrote the object."""
    if not isinstance(data.get("c"), str) or "uc" not in data:
        return None
    params = GenerationParameters()
    settings = JsonSettings({name: value for name, value in data.items() if value not in NEUTRAL.get(name, ())}, params)
    params.prompt = settings.prompt(settings.text("c"), brackets=True)
    params.negative = settings.prompt(settings.text("uc"), brackets=True)
    params.steps, params.seed = settings.integer("steps"), settings.seed("seed")
    params.guidance = settings.number("scale")
    params.width, params.height = settings.size("size")
    params.model = settings.text("model") or None
    params.scheduler = settings.scheduler(settings.text("sampler"))
    skipped = settings.integer("clip_skip")
    params.clip_skip = max(skipped - 1, 0) or None if skipped else None
    params.strength = settings.number("strength")
    if settings.take("hires_fix"):
        _take_first_stage(settings, params)
    for lora in map(mapping, sequence(settings.take("lora"))[:20]):
        shown = f"{string(lora.get('model'))}:{lora.get('weight')}"
        params.note(f"the LoRA `{short(shown)}` is ignored: LoRA is not supported")
    settings.report(IGNORED)
    return imported(TOOL, params)


def _take_first_stage(settings: JsonSettings, params: GenerationParameters) -> None:
    """Read the two passes of a large image; `size` is the size of the second pass."""
    first = settings.size("first_stage_size")
    strength = settings.number("second_stage_strength")
    if None in first:
        params.note("the size of the first pass is not recorded: it is generated in one pass")
        return
    params.hires = Hires(width=params.width, height=params.height, strength=strength)
    params.width, params.height = first


def _is_neutral(name: str, value: str) -> bool:
    return any(value in (str(each), f"{each:.1f}") for each in NEUTRAL.get(name, ()))


def _property(xmp: str, name: str) -> str:
    """Return the text of an XMP property, which is either an attribute or an element with a one-item list."""
    found = re.search(rf"<{name}>(.*?)</{name}>|{name}=\"([^\"]*)\"", xmp, re.DOTALL)
    if found is None:
        return ""
    item = re.search(r"<rdf:li[^>]*>(.*?)</rdf:li>", found[1] or "", re.DOTALL)
    return html.unescape(item[1] if item else found[1] or found[2] or "").strip()

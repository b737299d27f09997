"""Detect the format of an image's metadata: the first readable one is used, the others are reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from . import comfyui, draw_things, dream, novelai, sd_metadata
from . import invokeai as invokeai_metadata
from .parameters import Imported
from .structured import read_json, read_parameters

# The reader for each text in a file, by the key of the text; the most complete format comes first.
READERS: dict[str, Callable[[str], Imported | None]] = {
    "invokeai_metadata": invokeai_metadata.read,
    "sd-metadata": sd_metadata.read,
    "Dream": dream.read,
    "parameters": read_parameters,
    "prompt": comfyui.read,
    novelai.COMMENT: read_json,
    draw_things.XMP: draw_things.read,
}
COMMON = frozenset({novelai.COMMENT, draw_things.XMP})  # keys that files of any program have


def detect(texts: Mapping[str, str]) -> Imported | None:
    """Return how an image was made according to its text chunks, or None if nothing is usable."""
    texts = novelai.with_prompt(texts)
    present = [key for key in READERS if texts.get(key, "").strip()]
    for key in present:
        found = READERS[key](texts[key])
        if found is not None:
            others = [other for other in present if other != key and other not in COMMON]
            notes = [f"the file also holds `{other}`, which was not read" for other in others]
            return replace(found, notes=(*found.notes, *notes))
    return None

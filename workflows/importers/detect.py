"""Which of a picture's texts tells how it was made; the first that can be read counts, the others are named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from . import automatic1111, comfyui, dream, sd_metadata
from . import invokeai as invokeai_metadata
from .parameters import Found

# Key of the text in the file -> who reads it; the most telling first.
READERS: dict[str, Callable[[str], Found | None]] = {
    "invokeai_metadata": invokeai_metadata.read,
    "sd-metadata": sd_metadata.read,
    "Dream": dream.read,
    "parameters": automatic1111.read,
    "prompt": comfyui.read,
}


def find(texts: Mapping[str, str]) -> Found | None:
    """Return what the texts of a picture file tell of its making, None where they tell nothing."""
    there = [key for key in READERS if texts.get(key, "").strip()]
    for key in there:
        found = READERS[key](texts[key])
        if found is not None:
            others = [f"the file also holds `{other}`, which was not read" for other in there if other != key]
            return replace(found, notes=(*found.notes, *others))
    return None

"""Detect the format of an image's metadata; the first readable text chunk is used, and the others are reported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from . import comfyui, draw_things, dream, invokeai_graph, novelai, sd_metadata
from . import invokeai as invokeai_metadata
from .parameters import Imported
from .structured import read_json, read_parameters
from .untrusted import Unreadable

# The reader for each text in a file, by the key of the text; the most complete format comes first.
READERS: dict[str, Callable[..., Imported | None]] = {
    "invokeai_metadata": invokeai_metadata.read,
    "sd-metadata": sd_metadata.read,
    "Dream": dream.read,
    "parameters": read_parameters,
    "prompt": comfyui.read,
    "workflow": comfyui.read,
    "invokeai_graph": invokeai_graph.read,
    "invokeai_workflow": invokeai_graph.read,
    novelai.COMMENT: read_json,
    draw_things.XMP: draw_things.read,
}
GRAPHS = {
    "prompt": comfyui.TOOL,
    "workflow": comfyui.TOOL,
    "invokeai_graph": invokeai_graph.TOOL,
    "invokeai_workflow": invokeai_graph.TOOL,
}
"""For each metadata key that contains a graph, the tool that writes it. Readers of graphs also take the file name."""
SECOND_FORMS = ("workflow", "invokeai_graph", "invokeai_workflow")  # keys of chunks that repeat another: not reported
COMMON = (novelai.COMMENT, draw_things.XMP)  # keys that any program may write: not reported


def detect(texts: Mapping[str, str], name: str = "") -> Imported | None:
    """Return how an image was made according to its text chunks, or None if nothing is usable.

    name: the name of the image file
    Raises: Unreadable, if all text chunks are graphs that cannot be read.
    """
    texts = novelai.with_prompt(texts)
    present = [key for key in READERS if texts.get(key, "").strip()]
    failed: dict[str, str] = {}
    for key in present:
        try:
            found = READERS[key](texts[key], name) if key in GRAPHS else READERS[key](texts[key])
        except Unreadable as why:
            failed[key] = f"its {GRAPHS[key]} graph cannot be read: {why}"
            continue
        if found is not None:
            others = [other for other in present if other not in (key, *failed, *SECOND_FORMS, *COMMON)]
            unread = [f"the file also contains `{other}`, which was not read" for other in others]
            return replace(found, notes=(*found.notes, *failed.values(), *unread))
    if failed:
        raise Unreadable("; ".join(dict.fromkeys(failed.values())))
    return None

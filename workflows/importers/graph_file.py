"""Read the graph in a JSON file: ComfyUI's API form and workflow form, InvokeAI's graph and workflow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from invocations.foreign import MAX_TEXT_BYTES, ForeignData, read_text

from . import comfyui, invokeai_graph
from .parameters import Imported
from .untrusted import Unreadable, mapping, read_json_object

WRAPPERS = ("prompt", "output", "workflow", "graph", "batch")  # keys under which other tools nest a graph
MAX_WRAPPED = 3
UNKNOWN = "it is not a graph from ComfyUI or InvokeAI"


def text_of_graph(path: Path) -> str:
    """Return the text of a graph file. Raises: Unreadable."""
    try:
        return read_text(path, limit=MAX_TEXT_BYTES)
    except ForeignData as error:
        raise Unreadable(f"it {error}") from error
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error


def read_graph_file(text: str, name: str = "") -> Imported:
    """Return the steps of the graph in a file. Raises: Unreadable."""
    data: Mapping[str, Any] = read_json_object(text)
    for _ in range(MAX_WRAPPED):
        found = comfyui.read_data(data, name) or invokeai_graph.read_graph(data)
        if found is not None:
            return found
        data = next((inner for key in WRAPPERS if (inner := mapping(data.get(key)))), {})
    raise Unreadable(UNKNOWN)

"""A graph in a JSON file: ComfyUI's API form and workflow form, InvokeAI's graph and workflow."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import comfyui, invokeai_graph
from .parameters import Imported
from .untrusted import MAX_CHARACTERS, Unreadable, mapping, read_json_object

WRAPPERS = ("prompt", "output", "workflow", "graph", "batch")  # keys under which tools send and save graphs
MAX_WRAPPED = 3
MAX_BYTES = MAX_CHARACTERS
UNKNOWN = "it is neither a graph of ComfyUI nor one of InvokeAI"


def text_of_graph(path: Path) -> str:
    """Return the text of a graph file. Raises: Unreadable."""
    try:
        if path.exists() and not path.is_file():
            raise Unreadable("it is not a file")
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(f"it is larger than {MAX_BYTES // 2**20} MiB")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable("it is not UTF-8 text") from None
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    except ValueError as error:
        raise Unreadable(str(error)) from error


def read_graph_file(text: str, name: str = "") -> Imported:
    """Return the steps of the graph in a file. Raises: Unreadable."""
    data: Mapping[str, Any] = read_json_object(text)
    for _ in range(MAX_WRAPPED):
        found = comfyui.read_data(data, name) or invokeai_graph.read_graph(data)
        if found is not None:
            return found
        data = next((inner for key in WRAPPERS if (inner := mapping(data.get(key)))), {})
    raise Unreadable(UNKNOWN)

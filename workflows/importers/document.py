"""Read a text that another tool wrote into a file of its own: AUTOMATIC1111's settings, JSON settings, or a graph.

AUTOMATIC1111 writes `a.txt` next to `a.png` if it is asked to; SwarmUI writes `a.swarm.json` (`Session.SaveImage` in
src/Accounts/Session.cs); people save the graph of an image as `a.json`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from invocations.foreign import ForeignData, open_file

from .automatic1111 import read_settings
from .graph_file import read_graph_file, text_of_graph
from .parameters import Imported
from .structured import read_json
from .untrusted import Unreadable

SUFFIXES = (".json", ".txt")
BESIDE = (".txt", ".json", ".swarm.json")
HEAD_BYTES = 4096
NO_SETTINGS = "it has no settings such as `Steps: 20, Seed: 5`, and it is not a graph"


def is_document(path: Path) -> bool:
    """Return True if a file is a text rather than an image: by its suffix, or by its content if it has no suffix."""
    if path.suffix:
        return path.suffix.lower() in SUFFIXES
    with suppress(OSError, ForeignData), open_file(path) as file:
        head = file.read(HEAD_BYTES)
        return bool(head) and b"\0" not in head and not head.startswith(b"\xff\xd8")  # every other image has zeros
    return False


def read_document(path: Path, name: str) -> Imported:
    """Return what a text file of another tool records. Raises: Unreadable."""
    text = text_of_graph(path)
    if path.suffix.lower() != ".json" and not text.lstrip().startswith(("{", "[")):
        found = read_settings(text)
        if found is None:
            raise Unreadable(NO_SETTINGS)
        return found
    return read_json(text) or read_graph_file(text, name)


def read_beside(path: Path) -> Imported | None:
    """Return what a text file next to an image records, with a note that says so, or None."""
    for suffix in BESIDE:
        file = path.with_suffix(suffix)
        with suppress(Unreadable):
            found = read_document(file, file.name)
            note = f"the image holds no such text: this is read from `{file.name}` next to it"
            return replace(found, notes=(note, *found.notes))
    return None

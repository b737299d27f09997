"""Read a text file that another tool wrote: AUTOMATIC1111's settings, JSON settings, or a graph.

AUTOMATIC1111 can write `a.txt` next to `a.png`; SwarmUI writes `a.swarm.json` (`Session.SaveImage` in
src/Accounts/Session.cs); graphs are often saved as `a.json`.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
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
IMAGE = re.compile(rb"GIF8[79]a|RIFF.{4}WEBP", re.DOTALL)  # other images begin with bytes that are not text
NO_SETTINGS = "it has no settings such as `Steps: 20, Seed: 5`, and it is not a graph"


def is_document(path: Path) -> bool:
    """Return True if a file contains text, not an image, judging by its suffix or, without one, by its content."""
    if path.suffix:
        return path.suffix.lower() in SUFFIXES
    with suppress(OSError, ForeignData), open_file(path) as file:
        head = file.read(HEAD_BYTES)
        return bool(head) and _is_text(head) and not IMAGE.match(head)
    return False


def _is_text(head: bytes) -> bool:
    """Return True if the beginning of a file is text in UTF-8; its last character may be cut off."""
    try:
        getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return b"\0" not in head


def read_document(path: Path, name: str) -> Imported:
    """Return what another tool's text file records. Raises: Unreadable."""
    return read_record(text_of_graph(path), name, is_json=path.suffix.lower() == ".json")


def read_record(text: str, name: str = "", *, is_json: bool = False) -> Imported:
    """Return what a text that another tool wrote records: settings, or a graph if it is JSON. Raises: Unreadable.

    name: the name of the file that the text is from
    """
    if not is_json and not text.lstrip().startswith(("{", "[")):
        found = read_settings(text)
        if found is None:
            raise Unreadable(NO_SETTINGS)
        return found
    return read_json(text) or read_graph_file(text, name)


def read_beside(path: Path) -> Imported | None:
    """Return what the text file next to an image records, with a note that names the file; None if there is none."""
    for suffix in BESIDE:
        file = path.with_suffix(suffix)
        with suppress(Unreadable):
            found = read_document(file, file.name)
            note = f"the image itself records no settings: these were read from `{file.name}` next to it"
            return replace(found, notes=(note, *found.notes))
    return None

"""Read a key that several tools use: its value is JSON, whose keys identify the tool, or AUTOMATIC1111's text."""

from __future__ import annotations

from . import automatic1111, draw_things, fooocus, novelai, swarmui
from .parameters import Imported
from .untrusted import json_object

READERS = (swarmui.read_object, fooocus.read_object, draw_things.read_object, novelai.read_object)


def read_parameters(text: str) -> Imported | None:
    """Return the settings in a `parameters` text written by any tool, or None if nothing is usable."""
    return read_json(text) if text.lstrip().startswith("{") else automatic1111.read(text)


def read_json(text: str) -> Imported | None:
    """Return the settings in JSON text written by any tool, or None if nothing is usable."""
    data = json_object(text)
    return None if data is None else next((found for read in READERS if (found := read(data)) is not None), None)

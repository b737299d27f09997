"""Values and places in a line as JSON data; no value contains the path of a file that a result is stored in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.language.source import Span
from invocations.values import to_json
from workflows.values.codecs import ExternalValue

PATH = "path"


def json_value(value: Any) -> Any:
    """Return a planned value as JSON data; of a reference, its path is left out."""
    if isinstance(value, ExternalValue):
        return value.text
    if isinstance(value, (list, tuple)):
        return [json_value(each) for each in value]
    return without_paths(to_json(value))


def without_paths(data: Any) -> Any:
    """Return JSON data without the paths of references."""
    if isinstance(data, list):
        return [without_paths(each) for each in data]
    if isinstance(data, Mapping):
        is_reference = isinstance(data.get("kind"), str) and "name" in data
        return {key: without_paths(each) for key, each in data.items() if not (is_reference and key == PATH)}
    return data


def place(span: Span, begin: int = 0) -> list[int]:
    """Return the start and the end of a place in a text; `begin` is where its line starts."""
    return [begin + span.start, begin + span.end]

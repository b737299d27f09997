"""Values and places in a line as JSON data, without the paths of files; seeds and large integers are strings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.graph.exact_integers import is_exact, with_strings
from invocations.language.source import Span
from invocations.spec import FieldSpec
from invocations.values import to_json
from workflows.values.codecs import ExternalValue

WITH_PATHS = ("path", "parts")  # fields of references


def json_value(value: Any, field: FieldSpec | None = None) -> Any:
    """Return the value of an input as JSON data; of a reference, its path is left out."""
    if isinstance(value, ExternalValue):
        return value.text
    if isinstance(value, (list, tuple)):
        return [json_value(each, field) for each in value]
    if type(value) is int and field is not None and is_exact(field):
        return str(value)
    return without_paths(with_strings(to_json(value)))


def without_paths(data: Any) -> Any:
    """Return JSON data without the fields of references that contain paths."""
    if isinstance(data, list):
        return [without_paths(each) for each in data]
    if isinstance(data, Mapping):
        is_reference = isinstance(data.get("kind"), str) and "name" in data
        return {key: without_paths(each) for key, each in data.items() if not (is_reference and key in WITH_PATHS)}
    return data


def place(span: Span, begin: int = 0) -> list[int]:
    """Return the start and the end of a place in a text; `begin` is where its line starts."""
    return [begin + span.start, begin + span.end]

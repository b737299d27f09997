"""Values and places in a line as JSON data, without the paths of files; seeds and large integers are strings."""

from __future__ import annotations

from typing import Any

from invocations.graph.exact_integers import is_exact, with_strings
from invocations.language.source import Span
from invocations.public_json import public_json
from invocations.spec import FieldSpec
from invocations.values import to_json
from workflows.values.codecs import ExternalValue


def json_value(value: Any, field: FieldSpec | None = None) -> Any:
    """Return the value of an input as JSON data; of a reference, its path is left out."""
    if isinstance(value, ExternalValue):
        return value.text
    if isinstance(value, (list, tuple)):
        return [json_value(each, field) for each in value]
    if type(value) is int and field is not None and is_exact(field):
        return str(value)
    return public_json(with_strings(to_json(value)))


def place(span: Span, begin: int = 0) -> list[int]:
    """Return the start and the end of a place in a text; `begin` is where its line starts."""
    return [begin + span.start, begin + span.end]

"""Integers in JSON for programs whose numbers are floats: seeds and integers above 2^53 - 1 are strings of digits.

JavaScript reads every JSON number as a float, so it would change a seed such as 18446744073709551615.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from invocations.errors import MalformedGraph
from invocations.spec import FieldSpec, FieldType

from .node_type import Specs

MAX_SAFE_INTEGER: Final = 2**53 - 1
MAX_DIGITS: Final = 300  # as in the pipeline language, and fewer than `int()` accepts
UNSIGNED: Final = "^[0-9]+$"
SIGNED: Final = "^-?[0-9]+$"
_DIGITS = re.compile("-?[0-9]+")


def is_exact(field: FieldSpec) -> bool:
    """Return True if the input takes integers that are always strings in JSON, such as a seed."""
    return has_integers(field.type) and (field.seed or (field.le is not None and field.le > MAX_SAFE_INTEGER))


def has_integers(kind: FieldType) -> bool:
    """Return True if integers, but no strings, are values of this type."""
    if kind.base == "union":
        members = [arg for arg in kind.args if arg.base != "none"]
        return any(map(has_integers, members)) and not any(arg.base in ("str", "any") for arg in members)
    return kind.base == "int"


def with_strings(value: Any) -> Any:
    """Return JSON data in which each integer above 2^53 - 1, or below its negative, is a string."""
    if isinstance(value, dict):
        return {key: with_strings(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_strings(item) for item in value]
    if type(value) is int and abs(value) > MAX_SAFE_INTEGER:
        return _written(value)
    return value


def write_inputs(type_: str, inputs: Mapping[str, Any], specs: Specs) -> dict[str, Any]:
    """Return the inputs of a node, as JSON data, with strings for seeds and for other large integers."""
    spec = _find(specs, type_)
    found = {}
    for name, value in inputs.items():
        field = spec.input(name) if spec is not None else None
        exact = field is not None and type(value) is int and is_exact(field)
        found[name] = _written(value) if exact else with_strings(value)
    return found


def read_inputs(type_: str, inputs: Mapping[str, Any], specs: Specs) -> dict[str, Any]:
    """Return the inputs of a node with integers for the strings that `write_inputs` writes. Raises: MalformedGraph."""
    spec = _find(specs, type_)
    found = {}
    for name, value in inputs.items():
        field = spec.input(name) if spec is not None else None
        found[name] = read_value(value, None if field is None else field.type)
    return found


def read_value(value: Any, kind: FieldType | None = None) -> Any:
    """Return JSON data with integers for strings of digits, where its type takes integers, and as seeds of references.

    Raises: MalformedGraph, if an integer has too many digits.
    """
    if isinstance(value, str):
        return _integer(value) if kind is not None and has_integers(kind) else value
    if isinstance(value, list):
        item = next((each.args[0] for each in _members(kind) if each.base == "list"), None)
        return [read_value(each, item) for each in value]
    if isinstance(value, Mapping) and isinstance(value.get("kind"), str) and isinstance(value.get("seed"), str):
        return {**value, "seed": _integer(value["seed"])}
    return value


def write_document(data: Mapping[str, Any], specs: Specs) -> dict[str, Any]:
    """Return a graph document with strings for seeds and for other large integers."""
    nodes = {
        id_: {**node, "inputs": write_inputs(node["type"], node.get("inputs", {}), specs)}
        for id_, node in data["nodes"].items()
    }
    return {**data, "nodes": nodes}


def read_document(data: Mapping[str, Any], specs: Specs) -> Mapping[str, Any]:
    """Return a graph document with integers for the strings that `write_document` writes; `read_graph` validates it.

    Raises: MalformedGraph, if an integer has too many digits.
    """
    nodes = data.get("nodes")
    if not isinstance(nodes, Mapping):
        return data
    return {**data, "nodes": {id_: _node(node, specs) for id_, node in nodes.items()}}


def _node(node: Any, specs: Specs) -> Any:
    if not isinstance(node, Mapping):
        return node
    type_, inputs = node.get("type"), node.get("inputs")
    if not isinstance(type_, str) or not isinstance(inputs, Mapping):
        return node
    return {**node, "inputs": read_inputs(type_, inputs, specs)}


def _members(kind: FieldType | None) -> tuple[FieldType, ...]:
    if kind is None:
        return ()
    return kind.args if kind.base == "union" else (kind,)


def _integer(text: str) -> int | str:
    """Return the integer that a string of digits stands for; any other string is left to the check of the value."""
    if _DIGITS.fullmatch(text) is None:
        return text
    if len(text) > MAX_DIGITS:
        raise MalformedGraph(f"not a graph: an integer has {len(text)} digits, and at most {MAX_DIGITS} are allowed")
    return int(text)


def _written(value: int) -> str:
    return str(value)


def _find(specs: Specs, type_: str) -> Any:
    return specs.get(type_) if isinstance(specs, Mapping) else specs(type_)

"""Check the values of a graph that comes from outside: their types, ranges and choices, as for values in a line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from invocations.graph.node import Node
from invocations.graph.node_type import Specs
from invocations.language.did_you_mean import did_you_mean
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from invocations.values import Ref
from workflows.problems import DataRefused, Problem, problem

from .codecs import ParseError, codec_of
from .constraints import nearest_multiples, out_of_range, with_article

MAX_SHOWN: Final = 40  # how many characters of a value an error shows
MAX_PROBLEMS: Final = 100  # how many wrong values are reported at once


def check_values(nodes: Iterable[Node], specs: Specs) -> None:
    """Refuse nodes with values that their inputs do not take. Raises: DataRefused, with every wrong value."""
    found = []
    for each in wrong_values(nodes, specs):
        found.append(each)
        if len(found) == MAX_PROBLEMS:
            break
    if found:
        raise DataRefused(found)


def wrong_values(nodes: Iterable[Node], specs: Specs) -> Iterator[Problem]:
    """Yield a problem for each value that its input does not take; unknown types and inputs are left to the graph."""
    for node in nodes:
        spec = specs(node.type) if callable(specs) else specs.get(node.type)
        for name, value in node.inputs.items() if spec is not None else ():
            field = _input(spec, name)
            if field is not None and (found := _problem(node, field, value)) is not None:
                yield found


def fits_type(value: Any, kind: FieldType) -> bool:
    """Return True if a value, as JSON data with references, is of a type; a whole number is an integer, too."""
    if kind.base == "union":
        return any(fits_type(value, member) for member in kind.args)
    if kind.base == "list":
        return isinstance(value, (list, tuple)) and all(fits_type(item, kind.args[0]) for item in value)
    if kind.base == "ref":
        return isinstance(value, Ref) and (value.kind == kind.kind or (value.kind, kind.kind) == ("mask", "image"))
    if kind.base in ("enum", "color"):
        return isinstance(value, str) and _reads(value, kind)
    return _CHECKS[kind.base](value)


def _is_int(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the largest float
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not any("\ud800" <= char <= "\udfff" for char in value)


_CHECKS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "bool": lambda value: isinstance(value, bool),
    "int": _is_int,
    "float": _is_number,
    "str": _is_text,
    "none": lambda value: value is None,
    "json": lambda value: isinstance(value, dict),
    "any": lambda value: True,
}


def _reads(text: str, kind: FieldType) -> bool:
    try:
        codec_of(kind).parse(text)
    except ParseError:
        return False
    return kind.base != "enum" or text in kind.choices


def _problem(node: Node, field: FieldSpec, value: Any) -> Problem | None:
    where = f"{node.type} ({node.id})"
    if not fits_type(value, field.type):
        message = f"{where}: `{field.name}` takes {_wanted(field)}, not {_shown(value)}"
        return problem("bad_value", message, _meant(field, value), node=node.id, field=field.name)
    reason = out_of_range(field, value)
    if reason is None:
        return None
    hint = nearest_multiples(field, value)
    if field.seed and not isinstance(value, list) and value < 0:
        hint = f"leave `{field.name}` out for a random seed"
    return problem("out_of_range", f"{where}: {reason}", hint, node=node.id, field=field.name)


def _wanted(field: FieldSpec) -> str:
    """Return what an input takes, in words."""
    if field.type.is_reference:
        return f"a reference to {with_article(field.type)}"
    return codec_of(field.type).wants


def _meant(field: FieldSpec, value: Any) -> str | None:
    """Return a hint at the choice that was probably meant, or at how such a value is written."""
    if field.type.is_reference:
        kind = next((each.kind for each in (field.type, *field.type.args) if each.base == "ref"), "image")
        return f'link an output, or write {{"kind": "{kind}", "name": ...}} with the name of a result'
    choices = [choice for member in (field.type, *field.type.args) for choice in member.choices]
    return did_you_mean(value, choices) if isinstance(value, str) and choices else None


def _shown(value: Any) -> str:
    if isinstance(value, Ref):
        return f"a reference to {value.kind}"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def _input(spec: InvocationSpec | None, name: str) -> FieldSpec | None:
    return spec.input(name) if spec is not None else None

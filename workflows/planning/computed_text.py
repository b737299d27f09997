"""Compute the strings that nodes make from values in the line: filled templates and joined lists.

The nodes are recognized by their metadata: one kind has a template, the other joins a list into a string.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from invocations.graph.node import Node
from invocations.placeholders import PLACEHOLDER, PLACEHOLDERS
from invocations.spec import FieldSpec, InvocationSpec

MOST = 20  # how many values of a list are tried in a template
Linked = Callable[[str], Iterator[object]]  # the values that may arrive at an input through a link


def is_computed(spec: InvocationSpec) -> bool:
    """Return True if the output of a node is a string that `computed` can compute."""
    return _template(spec) is not None or _joined(spec) is not None


def computed(node: Node, spec: InvocationSpec, linked: Linked) -> Iterator[str]:
    """Yield the strings that a node may return; a value that is not known before the line runs is left out."""
    template, joined = _template(spec), _joined(spec)
    if template is not None:
        text = node.inputs.get(template.name)
        if isinstance(text, str):
            yield from _filled(text, node, spec, linked)
    elif joined is not None:
        given = node.inputs.get(joined.name)
        items = given if isinstance(given, (list, tuple)) else list(linked(joined.name))
        separator = next((field for field in spec.inputs if field is not joined and field.type.base == "str"), None)
        between = node.inputs.get(separator.name, separator.default) if separator else ""
        yield str(between).join(str(item) for item in items)


def _filled(template: str, node: Node, spec: InvocationSpec, linked: Linked) -> Iterator[str]:
    """Yield the filled template; if a list arrives at an input, yield it once for each item of the list."""
    names = [field.name for field in spec.inputs if field.completes != PLACEHOLDERS and field.position is not None]
    values: dict[str, list[object]] = {}
    for name in names:
        given = node.inputs.get(name)
        values[name] = list(islice(linked(name), MOST)) if given is None else [given]
    for number in range(max(map(len, values.values()), default=0) or 1):
        chosen = {name: each[min(number, len(each) - 1)] if each else "" for name, each in values.items()}
        yield _put(template, chosen)


def _put(template: str, values: dict[str, object]) -> str:
    unnamed = iter(values)

    def text(place: str, name: str | None) -> str:
        if place in ("{{", "}}"):
            return place[0]
        return place if name is None else str(values.get(name or next(unnamed, ""), ""))

    return PLACEHOLDER.sub(lambda found: text(found.group(), found["name"]), template)


def _template(spec: InvocationSpec) -> FieldSpec | None:
    return next((field for field in spec.inputs if field.completes == PLACEHOLDERS), None)


def _joined(spec: InvocationSpec) -> FieldSpec | None:
    """Return the input whose list a node joins into a string, or None if the node joins no list."""
    output, primary = spec.primary_output, spec.primary_input
    if output is None or primary is None or output.type.base != "str" or primary.type.base != "list":
        return None
    return primary

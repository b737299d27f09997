"""The results of a line: each with its node, its value, and the text that standard output carries."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from invocations.values import ImageRef, ModelRef, Ref, to_json

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invocations.spec import InvocationSpec

    from .planning.plan_line import Plan

STANDARD_OUTPUT = "-"


@dataclass(frozen=True, slots=True)
class Result:
    """One result of a line; `text` has a line for each item, `pictures` are the images among them."""

    node: str
    type: str
    output: str
    value: Any
    text: tuple[str, ...]
    pictures: tuple[ImageRef, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the result as JSON documents carry it."""
        data = {"node": self.node, "type": self.type, "output": self.output, "value": to_json(self.value)}
        if self.pictures:
            data["paths"] = list(self.text)
        return data


def make_result(node: str, type_: str, output: str, value: Any, path: Callable[[ImageRef], str]) -> Result:
    """Return a value as a result; `path` returns the path of an image, "" if it went to standard output."""
    items = list(value) if isinstance(value, (list, tuple)) else [value]
    pictures = tuple(item for item in items if isinstance(item, ImageRef))
    texts = tuple(path(item) if isinstance(item, ImageRef) else _text(item) for item in items)
    return Result(
        node,
        type_,
        output,
        value,
        tuple(text for text, item in zip(texts, items, strict=True) if _is_shown(text, item)),
        pictures,
    )


def results_of(session: Session, ends: Iterable[tuple[str, str]], path: Callable[[ImageRef], str]) -> list[Result]:
    """Return the results that exist, each node's in the order of its iterations; ends: node and output of each."""
    found: list[Result] = []
    for node_id, output in ends:
        node = session.graph.nodes[node_id]
        where = _nowhere if is_sent(session, node_id) else path
        found += [make_result(node_id, node.type, output, value, where) for value in session.values(node_id, output)]
    return found


def is_sent(session: Session, node_id: str) -> bool:
    """Return True if a node writes an image to standard output."""
    node = session.graph.nodes[node_id]
    return node.type == "save" and node.inputs.get("target") == STANDARD_OUTPUT


def seeds_of(plan: Plan, session: Session, catalog: Mapping[str, InvocationSpec]) -> tuple[tuple[str, int], ...]:
    """Return node and seed for each random seed that was picked for a line."""
    picked = []
    for node in plan.nodes:
        stored = session.graph.nodes[node.id]
        names = [name for name, value in stored.inputs.items() if node.inputs.get(name) != value]
        spec = catalog[node.type] if names else None
        picked += [(node.id, stored.inputs[name]) for name in names if spec and (f := spec.input(name)) and f.seed]
    return tuple(picked)


def _nowhere(_: ImageRef) -> str:
    return ""


def _is_shown(text: str, item: Any) -> bool:
    return bool(text) or not isinstance(item, ImageRef)


def _text(item: Any) -> str:
    if isinstance(item, str):
        return item
    if item is None:
        return "none"
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, (int, float)):
        return repr(item)
    if isinstance(item, ModelRef):
        return item.model
    return json.dumps(item.to_json() if isinstance(item, Ref) else to_json(item), ensure_ascii=False)

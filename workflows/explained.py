"""Describe parts of a plan in few words: long lists, the axes of a sweep, and how often a node runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from invocations.graph.axes import JOINED, name_of
from invocations.values import to_json

from .charts.counted import counted
from .planning.draft import AXES

if TYPE_CHECKING:
    from .line_items import LineItems
    from .planning.plan import Plan

MOST: Final = 10  # how many items of a list are shown
FIRST: Final = 3  # how many of the first items are shown if there are more


def short_list(values: Sequence[str]) -> str:
    """Return the items of a list; of a long list, only the first ones, the last one and the number of items."""
    if len(values) <= MOST:
        return ", ".join(values)
    return f"{', '.join(values[:FIRST])} ... {values[-1]} ({len(values)} values)"


def short_value(name: str, value: Any) -> str:
    """Return the value of the input `name` as text, without most of the items of long lists."""
    plain = to_json(value)
    if not isinstance(plain, list):
        return str(plain)
    if name == AXES and all(isinstance(each, Mapping) and isinstance(each.get("labels"), list) for each in plain):
        return "; ".join(f"{each['name']}: {short_list([*map(str, each['labels'])])}" for each in plain)
    if len(plain) <= MOST:
        return str(plain)
    return f"[{', '.join(map(repr, plain[:FIRST]))} ... {plain[-1]!r}] ({len(plain)} values)"


def axes_text(plan: Plan, items: LineItems) -> str:
    """Return the axes of a line's sweeps with their lengths: `steps (5 values) x seed (100 values)`."""
    return " x ".join(f"{_together(each.name)} ({_length(items, each.iterate)})" for each in plan.axes)


def _length(items: LineItems, iterate: str) -> str:
    count = items.count(iterate)
    return counted(count, "value") if count is not None else "n values"


def runs_text(node: str, items: LineItems) -> str:
    """Return how often a node in a sweep runs: `runs 5 x 100 times (steps x seed)`; "" for a node in no sweep."""
    axes, role = items.axes[node], items.catalog[items.nodes[node].type].role
    names = [_together(name_of(items.nodes[axis])) if axis in items.nodes else "" for axis in axes]
    if not axes or not all(names):
        return ""
    if role == "iterate":
        return f"the following nodes run for each of {_length(items, node)}"
    lengths = ["n" if (count := items.count(axis)) is None else str(count) for axis in axes]
    return f"runs {' x '.join(lengths)} times ({' x '.join(names)})" if lengths != ["1"] else ""


def _together(name: str) -> str:
    return " and ".join(name.split(JOINED))

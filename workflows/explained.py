"""Describe parts of a plan in few words: long lists, the axes of a sweep, and how often a node runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING, Any, Final

from invocations.graph.axes import JOINED, name_of
from invocations.shown_numbers import counted
from invocations.values import to_json

from .planning.draft import AXES
from .settings.table import AUTO, BY_NAME

if TYPE_CHECKING:
    from .charts.amount import Amount
    from .line_items import LineItems
    from .planning.build import PlannedValue
    from .planning.plan import Plan
    from .planning.sweeps.axes import SweepAxis

ASKED: Final = BY_NAME["max_items"].default  # the largest number of items that run without asking
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
    if name == AXES and all(isinstance(each, Mapping) for each in plain):
        return "; ".join(f"{each['name']}: {_labels_text(each.get('labels'))}" for each in plain)
    if len(plain) <= MOST:
        return str(plain)
    return f"[{', '.join(map(repr, plain[:FIRST]))} ... {plain[-1]!r}] ({len(plain)} values)"


def _labels_text(labels: Sequence[str] | None) -> str:
    return short_list([*map(str, labels)]) if labels is not None else "(known when the line runs)"


def without_random(plan: Plan) -> Plan:
    """Return a plan without the values that were drawn at random, since other values are drawn when the line runs.

    The value of such an input is None, and so are the labels of such an axis.
    """
    lists = {value.node for value in plan.values if value.origin == "drawn" and isinstance(value.value, list)}
    uses = {link.edge.target for link in plan.links if link.edge.source in lists}
    uses |= {link.edge.source for link in plan.links if link.edge.target in uses}  # the loops of zipped axes
    names = [axis.name for axis in plan.axes if axis.iterate in uses]
    random = {*names, *(part for name in names for part in name.split(JOINED))}
    return replace(plan, values=tuple(_without_random(value, random) for value in plan.values))


def _without_random(value: PlannedValue, axes: Collection[str]) -> PlannedValue:
    if value.input == AXES and value.origin == "sweep" and axes:
        shown = [{"name": each["name"], "labels": None} if each["name"] in axes else each for each in value.value]
        return replace(value, value=shown)
    return replace(value, value=None) if value.origin == "drawn" else value


def cost_lines(plan: Plan, items: LineItems, images: Amount | None, cached: int | None) -> list[str]:
    """Return the axes of a line's sweeps, and the number of images, as lines of text.

    images: how many images the line saves, if any
    cached: how many of the items are cached, if that is known
    """
    lines = [f"sweep: {axes_text(plan, items)}"] if plan.axes else []
    if images:
        found = f", {cached} cached" if cached else ""
        asked = "; needs --yes in a script" if plan.items > ASKED else ""
        lines.append(f"images: {_images(plan, items, images)}{found}{asked}")
    return lines


def _images(plan: Plan, items: LineItems, images: Amount) -> str:
    """Return the number of saved images and the calculation behind it: `3 x 4 = 12`, or `1, from 3 x 4 = 12 items`."""
    total, product = product_text(plan, items)
    if images.number == total:
        return product
    return f"{images}, from {product} items" if plan.axes and product else str(images)


def axes_text(plan: Plan, items: LineItems) -> str:
    """Return the axes of a line's sweeps with their lengths: `steps (5 values) x seed (9 values)`."""
    shown = [
        [f"{_together(each.name)} ({_length(items, each.iterate)})" for each in axes] for axes in sweeps(plan, items)
    ]
    return ", then ".join(" x ".join(axes) for axes in shown)


def sweeps(plan: Plan, items: LineItems) -> list[list[SweepAxis]]:
    """Return the axes of each sweep of a line: those that multiply, because some node is inside all of them."""
    found: list[list[SweepAxis]] = []
    for axis in plan.axes:
        if not found or not any({axis.iterate, found[-1][0].iterate} <= {*axes} for axes in items.axes.values()):
            found.append([])
        found[-1].append(axis)
    return found


def product_text(plan: Plan, items: LineItems) -> tuple[int, str]:
    """Return how many items the largest sweep of a line has (0 if unknown), and how they multiply: `3 x 4 = 12`."""
    counts = [[items.count(axis.iterate) for axis in axes] for axes in sweeps(plan, items)]
    largest = max(counts, key=lambda each: prod(count or 1 for count in each), default=[])
    total = prod(count or 1 for count in largest)
    if total != plan.items and all(axis.count is not None for axis in plan.axes):
        return plan.items, str(plan.items)
    if None in largest:
        return 0, ""
    return total, f"{' x '.join(map(str, largest))} = {total}" if len(largest) > 1 else str(total)


def _length(items: LineItems, iterate: str) -> str:
    count = items.count(iterate)
    return counted(count, "value") if count is not None else "n values"


def runs_text(node: str, items: LineItems) -> str:
    """Return how often a node in a sweep runs: `runs 5 x 100 times (steps x seed)`; "" for a node in no sweep."""
    spec = items.catalog[items.nodes[node].type]
    axes, role = items.axes[node], spec.role
    names = [_together(name_of(items.nodes[axis])) if axis in items.nodes else "" for axis in axes]
    if not axes or not all(names):
        return ""
    if role == "iterate":
        return f"the following nodes run for each of {_length(items, node)}"
    lengths = ["n" if (count := items.count(axis)) is None else str(count) for axis in axes]
    at_once = "as many at once as memory allows" if items.batch == AUTO else f"up to {items.batch} at once"
    batches = f", {at_once}" if spec.batched and items.batch != "1" else ""
    return f"runs {' x '.join(lengths)} times ({' x '.join(names)}){batches}" if lengths != ["1"] else ""


def _together(name: str) -> str:
    return " and ".join(name.split(JOINED))

"""Arrange the items of a sweep on sheets: which axis runs down, which runs across, and which needs several sheets.

Positions count all items of the sweep from 0; the last axis varies fastest. Uses only the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from itertools import product
from math import prod
from pathlib import PurePath
from typing import Any

from invocations.errors import BadValue
from invocations.frozen import frozen
from invocations.graph.axes import empty_label
from invocations.language.did_you_mean import did_you_mean, one_of
from invocations.values import ImageRef, ModelRef, Ref

NUMERIC = frozenset("0123456789.+-e")
UNCLEAR = ("yes", "no", '""')  # labels that need the name of their axis, as numbers do
AXIS_OR_NUMBER = "write an axis after `--columns`, or leave out one of the two options"
PARTS = "parts"  # in an axis written as JSON: the labels of each of the axes that advance together on it
DIGITS = 12  # significant digits of a number in a label, so 0.1 + 0.2 is shown as 0.3
ROW = 4  # an axis with at most this many items is not broken into rows


@frozen
class Axis:
    """One axis of a sweep, with a label for each of its items.

    parts: if several axes advance together on this one, the labels of each of them, by name
    """

    name: str
    labels: tuple[str, ...]
    parts: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False)

    @property
    def fields(self) -> Mapping[str, Sequence[str]]:
        """The labels for the fields of file names, by the name of an axis."""
        return self.parts or {self.name: self.labels}

    def label(self, index: int) -> str:
        """Return the label of an item; the name of the axis is added if the label says nothing without it."""
        label = self.labels[index] or '""'
        return f"{self.name} {label}" if label in UNCLEAR or NUMERIC.issuperset(label) else label


@frozen
class Arrangement:
    """The sheets of a sweep. Without `down` and `across`, each sheet is a list of images broken into rows.

    axes: all axes, the outermost first
    outer: the axes with one sheet for each item, or for each combination of items
    columns: the number of columns, if it is not the length of an axis
    """

    axes: tuple[Axis, ...]
    down: Axis | None = None
    across: Axis | None = None
    outer: tuple[Axis, ...] = ()
    columns: int | None = None

    @property
    def count(self) -> int:
        """The number of items of the sweep."""
        return prod(len(axis.labels) for axis in self.axes)

    @property
    def sheets(self) -> list[tuple[int, ...]]:
        """For each sheet, the index of its item on each outer axis."""
        return list(product(*(range(len(axis.labels)) for axis in self.outer)))

    @property
    def is_list(self) -> bool:
        """Whether the images have labels of their own instead of labels at the edges of the sheet."""
        return self.down is None and self.across is None

    @property
    def shape(self) -> tuple[int, int]:
        """The number of rows and columns of a sheet."""
        if self.is_list:
            columns = self.columns or 1
            return -(-self.count // columns), columns
        return _length(self.down), _length(self.across)

    @property
    def edges(self) -> tuple[list[str], list[str]]:
        """The labels of the rows and of the columns; an axis with one item has none."""
        return _labels(self.down), _labels(self.across)

    def title(self, sheet: Sequence[int]) -> str:
        """Return the labels of a sheet's items on the outer axes."""
        return ", ".join(axis.label(index) for axis, index in zip(self.outer, sheet, strict=True))

    def values(self, sheet: Sequence[int]) -> dict[str, str | int | float]:
        """Return the labels of a sheet's items on the outer axes, by field of a file name (`axis.steps`).

        The label of a number is returned as a number, so a field may format it: `{axis.steps:03}`.
        """
        outer = zip(self.outer, sheet, strict=True)
        return {f"axis.{name}": _number(labels[index]) for axis, index in outer for name, labels in axis.fields.items()}

    def positions(self, sheet: Sequence[int]) -> list[int]:
        """Return the positions of the items on a sheet, row by row."""
        if self.is_list:
            return list(range(self.count))
        rows, columns = self.shape
        start = sum(index * self._step(axis) for axis, index in zip(self.outer, sheet, strict=True))
        down, across = self._step(self.down), self._step(self.across)
        return [start + row * down + column * across for row in range(rows) for column in range(columns)]

    def label(self, position: int) -> str:
        """Return the labels of one item on all axes that have several items."""
        axes = _varying(self.axes)
        return ", ".join(axis.label(position // self._step(axis) % len(axis.labels)) for axis in axes)

    def _step(self, axis: Axis | None) -> int:
        """Return the distance between the positions of two neighbors on an axis."""
        after = self.axes[self.axes.index(axis) + 1 :] if axis is not None else ()
        return prod(len(each.labels) for each in after)


def _number(label: str) -> str | int | float:
    """Return the number that a label shows, or the label itself if it does not show a number."""
    for kind in (int, float) if NUMERIC.issuperset(label) else ():
        with suppress(ValueError):
            if labels_of([number := kind(label)]) == [label]:
                return number
    return label


def labels_of(items: Sequence[Any]) -> list[str]:
    """Return a label for each item: text, a number, or the name of an image file or a model; [] if any has no name."""
    found = [label for item in items if (label := _label(item)) is not None]
    return found if len(found) == len(items) else []


def _label(item: Any) -> str | None:
    if isinstance(item, ImageRef):
        return PurePath(item.path).stem if item.path else None
    if isinstance(item, Ref):
        return item.model if isinstance(item, ModelRef) else None
    if item is None:
        return "none"
    if isinstance(item, bool):
        return "yes" if item else "no"
    return f"{item:.{DIGITS}g}" if isinstance(item, float) else str(item)


def label_of(axis: str, item: Any) -> str:
    """Return a label for an item that is clear without its context: it includes the axis, as in `seed 3`, if needed."""
    if item == "":
        return empty_label(axis)
    return next((Axis(axis, (label,)).label(0) for label in labels_of([item])), axis)


def read_axes(
    data: Sequence[Mapping[str, Any]], items: int | None = None, linked: Sequence[Sequence[Any]] = ((), ())
) -> tuple[Axis, ...]:
    """Return the axes that the planner has written as JSON.

    One or two axes may have no labels, because their items were not known when the line was planned.
    items: the number of items of the sweep (default: unknown; an axis without labels then seems to have two items)
    linked: the items of the axes without labels, which are their labels; items without names are numbered
    """
    known = prod(len(each["labels"]) for each in data if each["labels"] is not None)
    count = sum(each["labels"] is None for each in data)
    lengths = [2] * count if items is None else [items // max(known, 1)] if count == 1 else [len(own) for own in linked]
    found = iter([_names_of(own, length) for own, length in zip(linked, lengths, strict=False)])
    every = (next(found) if each["labels"] is None else each["labels"] for each in data)
    return tuple(
        Axis(str(each["name"]), tuple(map(str, own)), each.get(PARTS, {}))
        for each, own in zip(data, every, strict=True)
    )


def _names_of(items: Sequence[Any], length: int) -> Sequence[object]:
    """Return the labels of the items of an axis, or their numbers if an item has no name."""
    labels = labels_of(items)
    return labels if len(labels) == length else range(1, length + 1)


def arrange(axes: Sequence[Axis], rows: str | None = None, columns: int | str | None = None) -> Arrangement:
    """Return the arrangement of a sweep: the last axis across, the one before it down, all others on several sheets.

    rows: the name of the axis that runs down
    columns: the name of the axis that runs across, or a number of columns for a list of all images
    Raises: BadValue, for an unknown axis.
    """
    axes = tuple(axes)
    if isinstance(columns, int):
        if rows:
            raise BadValue("columns", "`--rows` cannot be combined with a number of columns", AXIS_OR_NUMBER)
        return Arrangement(axes, columns=columns)
    down = _named(rows, axes, "rows") if rows else None
    across = _named(columns, axes, "columns") if columns else None
    if down is not None and down is across:
        raise BadValue("columns", f"`{columns}` cannot be both rows and columns", "leave out `--rows` or `--columns`")
    free = [axis for axis in _varying(axes) if axis is not down and axis is not across]
    if down is None and across is None and len(free) < 2:
        return Arrangement(axes, columns=columns_of(prod(len(axis.labels) for axis in axes)) if axes else None)
    if across is None and free:
        across = free.pop()
    if down is None and free:
        down = free.pop()
    return Arrangement(axes, down, across, tuple(free))


def columns_of(count: int) -> int:
    """Return the number of columns of a list of images: about square, with as few empty cells as possible."""
    if count <= ROW:
        return max(count, 1)
    least = next(side for side in range(1, count + 1) if side * side >= count)
    return min(range(least, min(2 * least, count) + 1), key=lambda columns: (-count % columns, columns))


def _named(name: str, axes: Sequence[Axis], field: str) -> Axis:
    found = next((axis for axis in axes if axis.name == name), None)
    if found is not None:
        return found
    names = [axis.name for axis in axes]
    message = f"there is no axis `{name}`"
    if not names:
        raise BadValue(field, f"{message}: the images do not come from a sweep", "see `help sweeps`")
    known = f"the axes are {one_of(names).replace(' or ', ' and ')}" if names[1:] else f"the only axis is `{names[0]}`"
    raise BadValue(field, message, did_you_mean(name, names, known) or "")


def _varying(axes: Iterable[Axis]) -> list[Axis]:
    return [axis for axis in axes if len(axis.labels) > 1]


def _labels(axis: Axis | None) -> list[str]:
    return [axis.label(index) for index in range(len(axis.labels))] if axis is not None and len(axis.labels) > 1 else []


def _length(axis: Axis | None) -> int:
    return len(axis.labels) if axis is not None else 1

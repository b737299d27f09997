"""Compute the primary output of a node from inputs that are constants, so that counts and values are known in advance.

A node names one of these functions, or another function as `module:function`, in `output_value`. Each raises Unknown
if the value is only known while the line runs, or if the node itself would raise an error.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from .known import Known, Unknown

MAX_ITEMS = 10_000  # longer lists are not computed in advance


def of_range(known: Known) -> Sequence[int]:
    """Return the numbers that `range` makes."""
    start, stop, step = (known.value(name) for name in ("start", "stop", "step"))
    if step == 0:
        raise Unknown
    return range(start, stop, step)


def of_linspace(known: Known) -> Sequence[float]:
    """Return the numbers that `linspace` makes."""
    start, stop, count = (known.value(name) for name in ("start", "stop", "count"))
    parts = [index / (count - 1) for index in range(_few(count))] if count > 1 else [0.0]
    return [start * (1 - part) + stop * part for part in parts]


def of_list(known: Known) -> Sequence[Any]:
    """Return the items that `list` collects."""
    return _items(known, "values")


def of_zip(known: Known) -> Sequence[Any]:
    """Return the pairs that `zip` makes."""
    a, b = _items(known, "a"), _items(known, "b")
    if len(a) != len(b):
        raise Unknown
    return [list(pair) for pair in zip(a, b, strict=True)]


def of_product(known: Known) -> Sequence[Any]:
    """Return the pairs that `product` makes."""
    a, b = _items(known, "a"), _items(known, "b")
    _few(len(a) * len(b))
    return [list(pair) for pair in itertools.product(a, b)]


def of_slice(known: Known) -> Sequence[Any]:
    """Return the items that `slice` takes."""
    if known.value("step") == 0:
        raise Unknown
    return _items(known, "collection")[known.value("start") : known.value("stop") : known.value("step")]


def of_pick(known: Known) -> Any:
    """Return the item that `pick` takes."""
    items, index = _items(known, "collection"), known.value("index")
    if not -len(items) <= index < len(items):
        raise Unknown
    return items[index]


def of_length(known: Known) -> int:
    """Return the number of items that `length` counts."""
    return known.count("collection")


def of_sort(known: Known) -> Sequence[Any]:
    """Return the items in the order in which `sort` puts them."""
    try:
        return sorted(_items(known, "collection"), reverse=known.value("descending"))
    except TypeError:
        raise Unknown from None


def _items(known: Known, name: str) -> Sequence[Any]:
    items = known.value(name)
    if not isinstance(items, (list, tuple, range)):
        raise Unknown
    _few(len(items))
    return items


def _few(count: int) -> int:
    if count > MAX_ITEMS:
        raise Unknown
    return count

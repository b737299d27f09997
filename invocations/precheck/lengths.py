"""Predict the length of the list that a node makes, from the inputs that are known.

A node names one of these functions, or another function as `module:function`, in `output_length`. They raise Unknown if
the length is only known while the line runs.
"""

from __future__ import annotations

from .known import Known, Unknown


def of_collection(known: Known) -> int:
    """Return the length of the input `collection`."""
    return known.length("collection")


def of_values(known: Known) -> int:
    """Return the length of the input `values`."""
    return known.length("values")


def of_a(known: Known) -> int:
    """Return the length of the input `a`."""
    return known.length("a")


def of_count(known: Known) -> int:
    """Return the input `count`."""
    return int(known.value("count"))


def of_range(known: Known) -> int:
    """Return how many integers are between `start` and `stop`."""
    start, stop, step = (known.value(name) for name in ("start", "stop", "step"))
    if not step:
        raise Unknown
    return len(range(start, stop, step))


def of_product(known: Known) -> int:
    """Return how many pairs the lists `a` and `b` have."""
    return known.length("a") * known.length("b")


def of_slice(known: Known) -> int:
    """Return how many items of `collection` are taken."""
    start, stop, step = (known.value(name) for name in ("start", "stop", "step"))
    if not step:
        raise Unknown
    return len(range(known.length("collection"))[start:stop:step])


def of_files(known: Known) -> int:
    """Return how many files match `source`."""
    return known.files(known.value("source"))

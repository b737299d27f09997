"""Lists of values as plain functions, which can run without importing the nodes that use them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from invocations.errors import BadValue

MAX_ITEMS: Final = 100_000  # maximum length of a list; catches typing mistakes such as `range 0 1000000000`


def list_work(context: object, inputs: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the outputs of `list`. Raises: BadValue, if it would be too long."""
    check_count(len(inputs["values"]), "values")
    return {"collection": inputs["values"]}


def check_count(count: int, field: str) -> None:
    """Refuse a list with too many items, which an input asks for. Raises: BadValue."""
    if count > MAX_ITEMS:
        raise BadValue(field, f"the list would have {count:,} items; the maximum is {MAX_ITEMS:,}")

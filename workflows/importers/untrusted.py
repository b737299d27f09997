"""Convert untrusted values safely; a value of another type becomes None or empty."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from .parameters import MAX_PROMPT

MAX_CHARACTERS = 4 * 2**20  # size of a JSON text
MAX_DEPTH = 64  # how deep lists and objects may be nested
LARGEST = 2**64 - 1


class Unreadable(ValueError):
    """Untrusted data that cannot be read; its text says why."""


def json_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object in a text, or None if the text is anything else."""
    try:
        return read_json_object(text)
    except Unreadable:
        return None


def read_json_object(text: str) -> dict[str, Any]:
    """Return the JSON object that a text holds. Raises: Unreadable."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(f"it is longer than {MAX_CHARACTERS // 2**20} MiB")
    try:
        data = json.loads(text, parse_constant=lambda _: None)
    except RecursionError:
        raise Unreadable(f"it is nested deeper than {MAX_DEPTH} levels") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"it is not JSON: {error}") from None
    except ValueError:
        raise Unreadable("it holds a number with thousands of digits") from None
    if not isinstance(data, dict):
        raise Unreadable("it is not a JSON object")
    if _too_deep(data):
        raise Unreadable(f"it is nested deeper than {MAX_DEPTH} levels")
    return data


def graph_object(text: str) -> dict[str, Any]:
    """Return the JSON object of a graph, {} for a text that does not begin as one. Raises: Unreadable."""
    return read_json_object(text) if text.lstrip().startswith("{") else {}


def integer(value: object) -> int | None:
    """Return an integer of 0 or more, which may be written as a string; None for anything else."""
    if isinstance(value, str):
        digits = value.strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 20 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value) if abs(value) <= LARGEST else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST else None


def number(value: object) -> float | None:
    """Return a finite number, which may be written as a string; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)[:50]) > 40:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def string(value: object) -> str:
    """Return a string, cut to the maximum length of a prompt; "" for anything else."""
    return value[:MAX_PROMPT] if isinstance(value, str) else ""


def _too_deep(data: object) -> bool:
    """Return True if lists and objects are nested deeper than any known tool writes them."""
    level: list[object] = [data]
    for _ in range(MAX_DEPTH):
        inner = [item for each in level if isinstance(each, (dict, list)) for item in _items(each)]
        if not inner:
            return False
        level = inner
    return True


def _items(data: dict[str, object] | list[object]) -> Iterable[object]:
    return data.values() if isinstance(data, dict) else data


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """Return a list, empty for anything else."""
    return value if isinstance(value, list) else []


def size(value: object) -> tuple[int | None, int | None]:
    """Return the width and height in a text such as `512x768`, or None for each if there are none."""
    width, _, height = string(value).lower().partition("x")
    return integer(width), integer(height)

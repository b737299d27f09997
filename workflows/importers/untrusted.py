"""Values of strangers: numbers, texts and JSON that may be anything, turned into what they claim to be, or None."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from .parameters import LONGEST

MOST_CHARACTERS = 4 * 2**20  # of a text that is parsed
DEEPEST = 64  # lists and objects in each other
LARGEST = 2**63 - 1


def json_object(text: str) -> dict[str, Any] | None:
    """Return the object that a text is as JSON, None where it is none."""
    if len(text) > MOST_CHARACTERS:
        return None
    try:
        data = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) and not _too_deep(data) else None


def whole(value: object) -> int | None:
    """Return a whole number of 0 or more; also of a text."""
    if isinstance(value, str):
        digits = value.strip()
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value) if abs(value) <= LARGEST else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST else None


def real(value: object) -> float | None:
    """Return a finite number; also of a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)[:50]) > 40:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def text(value: object) -> str:
    """Return a text, cut to what a prompt may hold; "" for anything else."""
    return value[:LONGEST] if isinstance(value, str) else ""


def _too_deep(data: object) -> bool:
    """Tell whether lists and objects lie deeper in each other than any tool writes them."""
    level: list[object] = [data]
    for _ in range(DEEPEST):
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
    """Return width and height of `512x768`."""
    width, _, height = text(value).lower().partition("x")
    return whole(width), whole(height)

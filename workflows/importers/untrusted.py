"""Convert untrusted values safely; a value of the wrong type becomes None or empty."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from invocations.foreign import MAX_TEXT_BYTES, ForeignData, json_data

from .parameters import MAX_PROMPT

LARGEST = 2**64 - 1


class Unreadable(ValueError):
    """Untrusted data that cannot be read; the message states the reason."""


def json_object(text: str) -> dict[str, Any] | None:
    """Return the JSON object in a string, or None if the string contains anything else."""
    try:
        return read_json_object(text)
    except Unreadable:
        return None


def read_json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a string. Raises: Unreadable."""
    if len(text) > MAX_TEXT_BYTES:
        raise Unreadable(f"it is longer than {MAX_TEXT_BYTES // 2**20} MiB")
    try:
        data = json_data(text, checked=True)
    except ForeignData as error:
        raise Unreadable(f"it {error}") from None
    if not isinstance(data, dict):
        raise Unreadable("it is not a JSON object")
    return data


def graph_object(text: str) -> dict[str, Any]:
    """Return the JSON object in a graph's text; {} if the text does not begin with `{`. Raises: Unreadable."""
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


def mapping(value: object) -> Mapping[str, Any]:
    """Return an object, empty for anything else."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """Return a list, empty for anything else."""
    return value if isinstance(value, list) else []


def size(value: object) -> tuple[int | None, int | None]:
    """Return the width and height in a string such as `512x768`, or None for both."""
    width, _, height = string(value).lower().partition("x")
    return integer(width), integer(height)

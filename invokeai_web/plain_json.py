"""Values as JSON that every client can read: exact integers, finite numbers and valid Unicode."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

MOST_EXACT: Final = 2**53 - 1  # the largest integer that JavaScript represents exactly


def plain_json(data: Any) -> Any:
    """Return JSON data in which larger integers, infinities, nan and undecodable characters are written as strings."""
    if isinstance(data, str):
        return data.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(data, bool) or data is None:
        return data
    if isinstance(data, int):
        return data if -MOST_EXACT <= data <= MOST_EXACT else str(data)
    if isinstance(data, float):
        return data if math.isfinite(data) else str(data)
    if isinstance(data, Mapping):
        return {plain_json(str(key)): plain_json(value) for key, value in data.items()}
    return [plain_json(item) for item in data]

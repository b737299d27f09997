"""Lines of JSON objects that arrive through a socket in pieces."""

from __future__ import annotations

import json
from typing import Any


class LineTooLong(Exception):
    """A line is longer than allowed."""


class Malformed(Exception):
    """A line is not a JSON object."""


class LineReader:
    """Puts the lines together that arrive in pieces; `most_bytes` is the length of the longest line allowed."""

    def __init__(self, most_bytes: int | None = None) -> None:
        self._most_bytes = most_bytes
        self._pieces: list[bytes] = []  # of the line that is not complete; joined once, because it may be long

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Add received bytes and return the lines that are complete. Raises: LineTooLong, Malformed."""
        head, newline, rest = data.rpartition(b"\n")
        lines = b"".join((*self._pieces, head)).split(b"\n") if newline else []
        self._pieces = [rest] if newline else [*self._pieces, data]
        longest = max(map(len, lines), default=0)
        if self._most_bytes is not None and max(longest, sum(map(len, self._pieces))) > self._most_bytes:
            raise LineTooLong
        return [_object(line) for line in lines]


def _object(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except ValueError as error:
        raise Malformed from error
    if not isinstance(data, dict):
        raise Malformed
    return data

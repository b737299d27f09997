"""The list of sessions as a table and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from invocations.shown_numbers import readable_size

from .session_page import INTERRUPTED, UNFINISHED
from .shown_text import local_time

if TYPE_CHECKING:
    from invocations.storing.base import SessionInfo

COLUMNS: Final = ("session", "changed", "lines", "nodes", "size", "first line")


def info_row(info: SessionInfo) -> tuple[str, ...]:
    """Return the row of a session in the list."""
    counts = {"failed": info.failed - info.cancelled, INTERRUPTED: info.cancelled, UNFINISHED: info.open}
    lines = [str(info.lines), *(f"{count} {outcome}" for outcome, count in counts.items() if count)]
    size = readable_size(info.bytes)
    lines += ["imported"] if info.imported else []
    return info.id, local_time(info.changed), ", ".join(lines), str(info.nodes), size, " ".join(info.first_line.split())


def info_data(info: SessionInfo) -> dict[str, object]:
    """Return a session in the list as JSON data."""
    return {
        "id": info.id,
        "created": info.created,
        "changed": info.changed,
        "lines": info.lines,
        "failed": info.failed,
        "nodes": info.nodes,
        "bytes": info.bytes,
        "first_line": info.first_line,
        "imported": info.imported,
        "interrupted": info.cancelled,
        "unfinished": info.open,
        "title": info.title,
        "pinned": info.pinned,
    }

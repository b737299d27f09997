"""Recognize the file that a node wrote earlier, so that nothing else is replaced when the node runs again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from invocations.services.errors import ServiceError

from .metadata import GRAPH, read_metadata


def is_own_file(path: Path, metadata: Mapping[str, str]) -> bool:
    """Return True if a file exists and records the same graph as `metadata`, or cannot record one."""
    if not path.is_file():
        return False
    if GRAPH not in metadata or path.suffix.lower() != ".png":
        return True
    with suppress(ServiceError):
        return read_metadata(path).texts.get(GRAPH) == metadata[GRAPH]
    return False

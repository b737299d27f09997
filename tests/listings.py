"""List folders in reverse order, so that tests that depend on the order of files fail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest


class Backwards:
    """The entries of `os.scandir`, sorted by name in reverse order."""

    def __init__(self, entries: Any) -> None:
        with entries:
            self.entries = iter(sorted(entries, key=lambda entry: entry.name, reverse=True))

    def __iter__(self) -> Iterator[Any]:
        return self.entries

    def __next__(self) -> Any:
        return next(self.entries)

    def __enter__(self) -> Backwards:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.entries = iter(())


def list_backwards(patch: pytest.MonkeyPatch) -> None:
    """Reverse `os.listdir` and `os.scandir`, which also affects `Path.iterdir`, `glob`, `os.walk` and `shutil`."""
    listed, scanned = os.listdir, os.scandir
    patch.setattr(os, "listdir", lambda *where: sorted(listed(*where), reverse=True))
    patch.setattr(os, "scandir", lambda *where: Backwards(scanned(*where)))

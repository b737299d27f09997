"""A folder of files named by content, limited in size: the files that were not used for longest are removed first."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from invocations.services.folders import make_folder
from invocations.services.translate_errors import translated

CONTENT: Final = re.compile(r"[0-9a-f]{64}")
FREED: Final = 0.9  # a sweep leaves this share of the room in use, so that the next file does not cause another sweep
GRACE_S: Final = 60.0  # a younger file stays: somebody may be about to read it


class StoredFile(NamedTuple):
    """A file in the folder; `used` is in seconds since 1970."""

    used: float
    bytes: int
    path: Path


class ContentFolder:
    """Stores each file as `root/PART/ab/abcd...SUFFIX`; safe for several threads and processes.

    max_bytes: the room for all files. kept: returns the names of the files that are never removed to make room
    """

    def __init__(
        self,
        root: Path,
        suffix: str,
        max_bytes: int,
        *,
        kept: Callable[[], Collection[str]] = tuple,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.root, self.max_bytes = root, max_bytes
        self._suffix, self._kept, self._now = suffix, kept, now
        self._lock = threading.Lock()
        self._bytes: int | None = None  # as measured, or None before the first file is written

    def file(self, name: str, part: str = "") -> Path:
        """Return the path of the file with a name, which must be a SHA-256, whether it exists or not."""
        if not CONTENT.fullmatch(name):
            raise ValueError(f"{name!r:.80} is not the hash of a content")
        return self.root / part / name[:2] / f"{name}{self._suffix}"

    def find(self, name: str, part: str = "") -> Path | None:
        """Return the path of a file and mark it as used, or None if there is none."""
        path = self.file(name, part)
        try:
            os.utime(path)
        except PermissionError:  # only the owner of a file may set its time
            return path if path.is_file() else None
        except OSError:
            return None
        return path

    def write(self, name: str, data: bytes, part: str = "") -> Path:
        """Write a file atomically and, if the folder is full, remove others. Raises: SaveFailed."""
        from core.imaging.atomic import sweep, write_atomically

        path = self.file(name, part)
        make_folder(path.parent)
        with translated():
            sweep(path.parent)  # removes what a killed process has left
            write_atomically(path, lambda stream: stream.write(data), durable=False)
        with self._lock:
            self._bytes = self.bytes() if self._bytes is None else self._bytes + len(data)
            if self._bytes > self.max_bytes:
                self._bytes -= self._sweep(path)
        return path

    def remove(self, name: str, part: str = "") -> None:
        """Remove a file, if there is one."""
        with suppress(OSError):
            self.file(name, part).unlink()

    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(each.bytes for each in self.files())

    def files(self) -> Iterator[StoredFile]:
        """Yield all files."""
        for top, _, names in os.walk(self.root):
            for name in names:
                if name.endswith(self._suffix):
                    with suppress(OSError):
                        found = os.stat(os.path.join(top, name))
                        yield StoredFile(found.st_mtime, found.st_size, Path(top, name))

    def _sweep(self, newest: Path) -> int:
        """Remove files until there is room, except `newest` and those that are kept; return what was freed."""
        files = sorted(self.files())
        total = sum(each.bytes for each in files)
        before, kept = self._bytes or 0, set(self._kept())
        for each in files:
            if total <= self.max_bytes * FREED:
                break
            if each.path != newest and each.path.name.removesuffix(self._suffix) not in kept and self._is_old(each):
                with suppress(OSError):
                    each.path.unlink()
                    total -= each.bytes
        return before - total

    def _is_old(self, file: StoredFile) -> bool:
        return self._now() - file.used >= GRACE_S

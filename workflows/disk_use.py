"""How much room the caches take on disk, and how much they may take; caches are cleared here."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any, Final

from invocations.cache.local import NAME as INDEX  # of the results, which are counted with their files
from invocations.frozen import frozen
from invocations.local import CONVERTED
from invocations.services.images.thumbnails import FOLDER as THUMBNAILS
from invocations.services.images.uploads import FOLDER as UPLOADS
from invocations.shown_numbers import counted, readable_size
from invocations.storing.idempotency import FILE as RECORDS

from .problems import FileError
from .services import disk_rooms

SENT: Final = (UPLOADS, RECORDS, f"{RECORDS}-wal", f"{RECORDS}-shm")  # files and folders in the data folder

if TYPE_CHECKING:
    from invocations.cache.base import CacheStats, ResultCache

    from .settings.resolve import Config


@frozen
class CacheItem:
    """A file or folder in the cache folder, with the number of files in it and their size."""

    path: str
    files: int
    bytes: int

    @property
    def name(self) -> str:
        """The name of the file or folder."""
        return os.path.basename(self.path)


@frozen
class DiskUse:
    """The room that results with their files, converted models and everything else in the cache folder take.

    sent: what a server stores outside the cache folder: images that clients have sent, and records of their requests
    """

    settings: Config
    results: CacheStats
    entries: tuple[CacheItem, ...]
    sent: tuple[CacheItem, ...] = ()

    @property
    def folder_bytes(self) -> int:
        """The size of the cache folder."""
        return sum(each.bytes for each in self.entries)

    @property
    def converted_bytes(self) -> int:
        """The size of all converted models."""
        return sum(each.bytes for each in self.entries if each.name == CONVERTED)

    @property
    def other_bytes(self) -> int:
        """The size of everything else in the cache folder."""
        apart = (CONVERTED, THUMBNAILS)
        return sum(each.bytes for each in self.entries if each.name not in apart and not each.name.startswith(INDEX))

    @property
    def served_bytes(self) -> int:
        """The size of what a server stores: images that clients have sent, thumbnails, and records of requests."""
        return sum(each.bytes for each in (*self.sent, *self.entries) if each.name in (*SENT, THUMBNAILS))

    def rows(self) -> tuple[tuple[str, str, str, str], ...]:
        """Return what takes room, how much, how much it may take, and an explanation."""
        rooms = disk_rooms(self.settings)
        count = counted(self.results.entries, "result")
        total = self.results.bytes + self.converted_bytes + self.other_bytes + self.served_bytes
        served = (
            ("server", readable_size(self.served_bytes), f"of {readable_size(rooms.served)}",
             "images that clients have sent, and thumbnails"),
        )  # fmt: skip
        return (
            ("results", readable_size(self.results.bytes), f"of {readable_size(rooms.results)}",
             f"{count} with images and tensors; reused {self.results.hits} times"),
            ("converted models", readable_size(self.converted_bytes), f"of {readable_size(rooms.converted)}",
             "copies of models that load faster"),
            *(served if self.served_bytes else ()),
            ("other", readable_size(self.other_bytes), "", "what is known about plug-ins and files"),
            ("in all", readable_size(total), f"of {readable_size(rooms.total)}", _explained(self.settings)),
        )  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        """Return the use as JSON data."""
        rooms, results = disk_rooms(self.settings), self.results
        return {
            "folder": self.settings.folders.cache,
            "bytes": self.folder_bytes,
            "results": {
                "entries": results.entries, "bytes": results.bytes, "hits": results.hits, "limit": rooms.results
            },
            "converted": {"bytes": self.converted_bytes, "limit": rooms.converted},
            "served": {"bytes": self.served_bytes, "limit": rooms.served},
            "limit": rooms.total,
            "parts": {each.name: {"files": each.files, "bytes": each.bytes} for each in self.entries},
        }  # fmt: skip


def disk_use(settings: Config, cache: ResultCache) -> DiskUse:
    """Measure the room that the caches take."""
    sent = [each for name in SENT if (each := _entry(os.path.join(settings.folders.data, name))) is not None]
    return DiskUse(settings, cache.stored(), tuple(entries_of(settings.folders.cache)), tuple(sent))


def clear(folder: str, cache: ResultCache) -> int:
    """Remove all results with their files, and everything in the cache folder except their index, which may be in use.

    Returns how many bytes were freed. Raises: FileError.
    """
    freed = cache.clear()
    entries = [entry for entry in entries_of(folder) if not entry.name.startswith(INDEX)]
    try:
        for path in [entry.path for entry in entries]:
            shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)
    except OSError as error:
        raise FileError(f"`{error.filename}` cannot be removed: {error.strerror}", None) from error
    return freed + sum(entry.bytes for entry in entries)


def entries_of(folder: str) -> list[CacheItem]:
    """Return the files and folders in a cache folder."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    entries = [_entry(os.path.join(folder, name)) for name in names]
    return [entry for entry in entries if entry is not None]


def _entry(path: str) -> CacheItem | None:
    """Return what a file or a folder takes, or None if the file has been removed since it was listed."""
    if not os.path.isdir(path) or os.path.islink(path):
        size = _size(path)
        return None if size is None else CacheItem(path, 1, size)
    files = [os.path.join(top, name) for top, _, names in os.walk(path) for name in names]
    sizes = [size for size in map(_size, files) if size is not None]
    return CacheItem(path, len(sizes), sum(sizes))


def _size(path: str) -> int | None:
    """Return the size of a file in bytes, or None if it has been removed or renamed."""
    try:
        return os.lstat(path).st_size
    except OSError:
        return None


def _explained(settings: Config) -> str:
    if settings.origins.get("disk_limit", "default") == "default":
        return "`config set disk_limit 50GB` changes the limit"
    return f"the limit is `disk_limit`, from {settings.origins['disk_limit']}"

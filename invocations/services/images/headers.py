"""Read the headers of image files that are named in lines; results are cached until a file or a folder changes."""

from __future__ import annotations

import glob
import os
import stat
import time
from pathlib import Path

from invocations.services.errors import ServiceError
from invocations.services.translate_errors import translated

from .sources import URL, check_url, matching

SETTLED_NS = 2 * 10**9  # a folder that changed more recently could change again without a new modification time
MOST = 1000  # maximum number of cached files, and of cached names
Size = tuple[int, int]  # width and height in pixels
Stamp = tuple[int, int]  # modification time and size in bytes of a file


class FileHeaders:
    """Finds image files and the sizes of their images; relative names are resolved against `base`."""

    def __init__(self, base: Path = Path(), max_pixels: int = 0) -> None:
        self._base, self._max_pixels = base, max_pixels
        self._sizes: dict[Path, tuple[Stamp, Size | ServiceError | None]] = {}
        self._unmatched: dict[str, tuple[int, ServiceError | None]] = {}

    def size(self, source: str) -> Size | None:
        """Return the size of the image in a file; None if there is no such file, or its header contains no size."""
        path = self.path(source)
        found = _file(path)
        size = self._header(path, found, source) if found is not None else None
        return None if isinstance(size, ServiceError) else size

    def sizes(self, source: str) -> list[Size | None] | None:
        """Return the size of each image file that a source matches; None if it matches no file, or more than MOST."""
        if source == "-" or URL.match(source):
            return None
        try:
            files = matching(source, self._base)
        except ServiceError:
            return None
        return [self.size(str(file)) for file in files] if len(files) <= MOST else None

    def check(self, source: str, *, allow_url: bool = False) -> None:
        """Refuse a source that `ImageService.load` would refuse. Raises: ServiceError."""
        if URL.match(source):
            check_url(source, allow_url)
        elif source != "-":
            path = self.path(source)
            found = _file(path)
            error = self._header(path, found, source) if found is not None else self._match(source, path.parent)
            if isinstance(error, ServiceError):
                raise error

    def is_file(self, source: str) -> bool:
        """Return True if a word names an existing file."""
        return os.path.isfile(self.path(source))

    def path(self, source: str) -> Path:
        """Return the absolute path of a file name or a pattern."""
        return self._base / os.path.expanduser(source)

    def _header(self, path: Path, found: os.stat_result, name: str) -> Size | ServiceError | None:
        stamp = (found.st_mtime_ns, found.st_size)
        known = self._sizes.get(path)
        if known is None or known[0] != stamp:
            if len(self._sizes) >= MOST:
                self._sizes.clear()
            known = self._sizes[path] = stamp, self._read(path, name)
        return known[1]

    def _read(self, path: Path, name: str) -> Size | ServiceError | None:
        from core.imaging.errors import ImageTooLarge
        from core.imaging.headers import image_size

        try:
            with translated():
                size = image_size(path, name=name)
                if self._max_pixels and size is not None and size[0] * size[1] > self._max_pixels:
                    raise ImageTooLarge(name, *size, self._max_pixels)
                return size
        except ServiceError as error:
            return error

    def _match(self, source: str, folder: Path) -> ServiceError | None:
        """Return the error if no file matches a name or a pattern; a folder is only read again if it has changed.

        Nothing is checked if a folder in the path is a pattern, because many folders may match.
        """
        while not os.path.lexists(folder) and folder != folder.parent:
            if glob.has_magic(folder.name):
                return None
            folder = folder.parent
        changed = os.stat(folder).st_mtime_ns
        known = self._unmatched.get(source)
        if known is None or known[0] != changed or time.time_ns() - changed < SETTLED_NS:
            if len(self._unmatched) >= MOST:
                self._unmatched.clear()
            known = self._unmatched[source] = changed, self._unmatched_error(source)
        return known[1]

    def _unmatched_error(self, source: str) -> ServiceError | None:
        try:
            matching(source, self._base)
        except ServiceError as error:
            return error
        return None


def _file(path: Path) -> os.stat_result | None:
    """Return the status of a regular file, or None if the path is not a regular file."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None

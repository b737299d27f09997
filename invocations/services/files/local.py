"""The file service of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from invocations.foreign import MAX_BYTES, ForeignData, read_bytes, too_large
from invocations.services.errors import ServiceError
from invocations.services.images.sources import near_file
from invocations.services.translate_errors import translated

from .base import FileService

STANDARD_INPUT = "-"


class LocalFiles(FileService):
    """Reads files from disk; relative paths start from `base` (default: the current folder).

    wildcards_dirs: folders of wildcard files that are always searched
    cancelled: returns True if the running node is to end; waiting for standard input checks it
    """

    def __init__(
        self,
        base: Path = Path(),
        stdin: Callable[[], BinaryIO | None] | None = None,
        *,
        wildcards_dirs: Sequence[Path] = (),
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._base = base
        self._wildcards_dirs, self._cancelled = wildcards_dirs, cancelled
        self._stdin = stdin or (lambda: getattr(sys.stdin, "buffer", None))

    def read(self, source: str) -> bytes:
        """Return the content of a file or of standard input. Raises: Cancelled, ServiceError."""
        if source == STANDARD_INPUT:
            return self._piped()
        self.check(source)
        try:
            return read_bytes(self.path(source))
        except (OSError, ForeignData) as error:
            reason = (error.strerror or str(error)).lower() if isinstance(error, OSError) else f"it {error}"
            raise file_unreadable(source, reason) from error

    def check(self, source: str) -> None:
        """Refuse a path at which there is no file. Raises: ServiceError."""
        if source == STANDARD_INPUT:
            return
        path = self.path(source)
        if not source or "\0" in source or not os.path.lexists(path):
            hint = near_file(Path(os.path.expanduser(source)), self._base) if source else "specify the path of a file"
            raise ServiceError(f"there is no file `{source}`", hint, code="nothing_matches", source=source)
        if path.is_dir():
            raise file_unreadable(source, "it is a folder")

    def check_folder(self, source: str) -> None:
        """Refuse a path at which there is no folder. Raises: ServiceError."""
        path = self.path(source)
        if "\0" in source or not os.path.lexists(path):
            raise ServiceError(f"there is no folder `{source}`", code="nothing_matches", source=source)
        if not path.is_dir():
            raise ServiceError(f"`{source}` is a file, not a folder", code="nothing_matches", source=source)

    def wildcard_folders(self, written: Sequence[str]) -> tuple[str, ...]:
        """Return the folders to search for wildcard files: the given folders, then those in the settings."""
        return (*(str(self.path(folder)) for folder in written), *map(str, self._wildcards_dirs))

    def path(self, source: str) -> Path:
        """Expand `~` in a path, and resolve a relative path against the base folder."""
        return self._base / os.path.expanduser(source)

    def _piped(self) -> bytes:
        stream = self._stdin()
        if stream is None or stream.isatty():
            reason = "it is a terminal" if stream is not None else "it is closed"
            raise file_unreadable("standard input", reason, "pipe text into the program: `cat prompts.txt | ...`")
        from core.stopping import in_background  # imported on demand: few lines read standard input

        with translated():
            data = in_background(lambda: stream.read(MAX_BYTES + 1), self._cancelled)
        if len(data) > MAX_BYTES:
            raise file_unreadable("standard input", f"it {too_large(MAX_BYTES)}")
        return data


def file_unreadable(source: str, reason: str, hint: str = "") -> ServiceError:
    """Return the error for a file that cannot be read."""
    message = f"`{source}` cannot be read: {reason}"
    return ServiceError(message, hint, code="file_unreadable", source=source, reason=reason)

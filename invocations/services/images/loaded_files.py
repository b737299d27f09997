"""Remember the files from which large images were loaded: while such a file is unchanged, the store needs no copy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from invocations.foreign import json_data
from invocations.frozen import frozen
from invocations.services.folders import make_folder

SUFFIX = ".file"
MAX_BYTES = 2**16


@frozen
class LoadedFile:
    """A file, with its size and modification time (in ns) when it was read."""

    path: str
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: str) -> LoadedFile:
        """Describe a file as it is now. Raises: OSError."""
        found = os.stat(path)
        return cls(path, found.st_size, found.st_mtime_ns)

    @property
    def is_unchanged(self) -> bool:
        """Return True if the file still has the same size and modification time."""
        try:
            return LoadedFile.of(self.path) == self
        except OSError:
            return False


class LoadedFiles:
    """Records the file from which each image was loaded, in small files beside the stored images.

    file: returns the path of an image in the store
    """

    def __init__(self, file: Callable[[str], Path]) -> None:
        self._file = file

    def note(self, name: str, loaded: LoadedFile) -> None:
        """Record the file from which an image was loaded. Raises: OSError."""
        from core.imaging.atomic import write_atomically

        note = self._note_of(name)
        make_folder(note.parent)
        data = json.dumps({"path": loaded.path, "size": loaded.size, "changed_ns": loaded.changed_ns}).encode()
        write_atomically(note, lambda file: file.write(data), durable=False)

    def find(self, name: str) -> LoadedFile | None:
        """Return the file that an image was loaded from, or None if it is not known."""
        with suppress(OSError, ValueError, TypeError, KeyError):
            with open(self._note_of(name), "rb") as file:
                data = json_data(file.read(MAX_BYTES))
            if type(data["path"]) is str and type(data["size"]) is type(data["changed_ns"]) is int:
                return LoadedFile(data["path"], data["size"], data["changed_ns"])
        return None

    def _note_of(self, name: str) -> Path:
        return self._file(name).with_suffix(SUFFIX)

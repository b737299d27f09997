"""The file service of a server: text files only from the folder that its owner allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from invocations.services.allowed_folder import AllowedFolder
from invocations.services.errors import ServiceError

from .local import LocalFiles

WRITE_IT: Final = "write the values into the line, or ask the owner of the server for `--allow-files`"


class AllowedFiles(LocalFiles):
    """Reads files from one folder, or none. allowed: that folder, or None"""

    def __init__(
        self,
        allowed: AllowedFolder | None,
        *,
        wildcards_dirs: Sequence[Path] = (),
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        base = Path() if allowed is None else allowed.root
        super().__init__(base, lambda: None, wildcards_dirs=wildcards_dirs, cancelled=cancelled)
        self._allowed = allowed

    def read(self, source: str) -> bytes:
        """Return the content of a file in the allowed folder. Raises: ServiceError."""
        self._refuse(source)
        return super().read(source)

    def check(self, source: str) -> None:
        """Refuse a file outside the allowed folder, or one that does not exist. Raises: ServiceError."""
        self._refuse(source)
        super().check(source)

    def check_folder(self, source: str) -> None:
        """Refuse a folder outside the allowed folder, or one that does not exist. Raises: ServiceError."""
        self._refuse(source)
        super().check_folder(source)

    def wildcard_folders(self, written: Sequence[str]) -> tuple[str, ...]:
        """Return the folders to search for wildcard files: those given, if allowed, then those in the settings."""
        return super().wildcard_folders([each for each in written if self._is_allowed(each)])

    def _refuse(self, source: str) -> None:
        if not self._is_allowed(source):
            shown = "".join(each if each.isprintable() else "?" for each in source)
            message = f"`{shown}` is a file, but a server reads no files for its clients"
            raise ServiceError(message, WRITE_IT, code="path_refused", source=source)

    def _is_allowed(self, source: str) -> bool:
        return self._allowed is not None and source != "-" and self._allowed.contains(source)

"""The file service: the content of the text files that lines name, such as lists of prompts and tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence


class FileService(ABC):
    """Reads files other than images."""

    @abstractmethod
    def read(self, source: str) -> bytes:
        """Return the content of the file at a path, or of standard input for `-`. Raises: ServiceError."""

    @abstractmethod
    def check_folder(self, source: str) -> None:
        """Refuse a path at which there is no folder. Raises: ServiceError."""

    @abstractmethod
    def wildcard_folders(self, written: Sequence[str]) -> Sequence[str]:
        """Return the folders to search for wildcard files: the given folders, then those in the settings."""

    @abstractmethod
    def check(self, source: str) -> None:
        """Refuse a path at which there is no file. Raises: ServiceError."""

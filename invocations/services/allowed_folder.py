"""The one folder whose files a client may read, if the owner of the server allows it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from .errors import ServiceError

DRIVE: Final = re.compile(r"[A-Za-z]:")
PATTERN: Final = frozenset("*?[")
SEND: Final = "send the image first, then write its name"


class AllowedFolder:
    """Resolves the names of files inside a folder; nothing outside can be reached, not even through symbolic links."""

    def __init__(self, root: Path) -> None:
        self.root = Path(os.path.realpath(root))

    def contains(self, name: str) -> bool:
        """Return True if a relative or absolute path leads to a place inside the folder."""
        if not name or "\0" in name or name.startswith("~"):
            return False
        try:
            return Path(os.path.realpath(self.root / name)).is_relative_to(self.root)
        except (OSError, ValueError):
            return False


def check_is_name(word: str) -> None:
    """Refuse a word that could name anything on this machine other than an image on the shelf. Raises: ServiceError."""
    if word == "-":
        what = "`-` stands for standard input, which a server does not have"
        raise ServiceError(what, SEND, code="path_refused", source=word)
    kind = kind_of(word)
    if kind:
        shown = "".join(each if each.isprintable() else "?" for each in word)
        message = f"`{shown}` is {kind}, but a server knows images only by their names"
        raise ServiceError(message, SEND, code="path_refused", source=word)


def kind_of(word: str) -> str:
    """Return what a word is if it could name something on this machine, such as `a path`, or ""."""
    if any(each in word for each in ("/", "\\", "\0")) or word.startswith("~") or DRIVE.match(word) or ".." in word:
        return "a path"
    return "a pattern" if not PATTERN.isdisjoint(word) else ""

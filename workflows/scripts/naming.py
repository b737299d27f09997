"""By what the sessions of a script are found again: its absolute path, and what its text hashes to."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Named:
    """A script's name as it was given, its absolute path, and the SHA-256 of its text."""

    name: str
    path: str
    digest: str

    @classmethod
    def of(cls, text: str, name: str, folder: str) -> Named:
        """Return how a script is found again."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
        return cls(name, os.path.abspath(os.path.join(folder, name)), digest)

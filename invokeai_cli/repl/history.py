"""The lines that were typed, kept in a file that several prompts share: each is appended whole, none is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

MOST = 10_000  # lines that are read back; older ones stay in the file


class HistoryFile:
    """One line of JSON for each line typed, so that a line of several lines stays one entry."""

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, text: str) -> None:
        """Keep a line; one that begins with a blank is kept out, and a file that cannot be written is no error."""
        if not text.strip() or text[0].isspace():
            return
        entry = (json.dumps(text) + "\n").encode()
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            os.write(file, entry)  # one write in append mode: those of several prompts never mix
        except OSError:
            return
        finally:
            os.close(file)

    def read(self) -> list[str]:
        """Return the lines, the oldest first; what is no entry is skipped."""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                raw = file.readlines()[-MOST:]
        except OSError:
            return []
        return list(_entries(raw))


def _entries(lines: list[str]) -> Iterator[str]:
    before = ""
    for line in lines:
        try:
            text = json.loads(line)
        except ValueError:
            continue
        if isinstance(text, str) and text.strip() and text != before:
            before = text
            yield text

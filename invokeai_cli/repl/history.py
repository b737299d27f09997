"""The history of typed lines, in a file that several prompts share; each line is appended in one write."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

MAX_LINES_READ = 10_000  # older ones stay in the file


class HistoryFile:
    """One JSON string a line, so that a pasted text of several lines is one entry."""

    def __init__(self, path: str) -> None:
        self.path = path

    def append(self, text: str) -> None:
        """Append a line unless it begins with a space; if the file cannot be written, do nothing."""
        if not text.strip() or text[0].isspace():
            return
        entry = (json.dumps(text) + "\n").encode()
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            os.write(file, entry)  # one write in append mode: lines of several prompts never mix
        except OSError:
            return
        finally:
            os.close(file)

    def read(self) -> list[str]:
        """Return the lines, oldest first; damaged entries are skipped."""
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                raw = file.readlines()[-MAX_LINES_READ:]
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

"""Reflow a topic, which is written for 80 columns, for a narrower terminal: paragraphs, rows and examples."""

from __future__ import annotations

import re

from .columns import columns, wrap

ROW = re.compile(r"  (\S(?:.*?\S)?) {2,}(\S.*)")  # an indented example or word, and its explanation
EXAMPLE = re.compile(r"  (\S.*)")
MORE = re.compile(r" {3,}(\S.*)")  # continues the explanation in the row above
INDENT = "  "


def reflowed(text: str, width: int) -> str:
    """Return text with lines of at most `width` columns, unless a word is longer."""
    return "\n\n".join("\n".join(_block(block.split("\n"), width)) for block in text.split("\n\n"))


def _block(lines: list[str], width: int) -> list[str]:
    found: list[str] = []
    words: list[str] = []
    rows: list[tuple[str, str]] = []

    def flush() -> None:
        found.extend([*wrap(" ".join(words), width), *_rows(rows, width)])
        words.clear()
        rows.clear()

    for line in lines:
        row, example, more = ROW.fullmatch(line), EXAMPLE.fullmatch(line), MORE.fullmatch(line)
        if more and rows:
            name, text = rows[-1]
            rows[-1] = (name, f"{text} {more[1]}".strip())
        elif row or example:
            if words:
                flush()
            rows.append((row[1], row[2]) if row else (line.strip(), ""))
        else:
            if rows:
                flush()
            words.append(line)
    flush()
    return found


def _rows(rows: list[tuple[str, str]], width: int) -> list[str]:
    """Return rows in two columns; an example that is too long is wrapped with a deeper indent."""
    if any(text for _, text in rows) and all(len(name) + 2 <= width for name, _ in rows):
        return columns(rows, width)
    return [
        line
        for name, text in rows
        for line in [*wrap(name, width, indent=INDENT, later=INDENT * 3), *wrap(text, width, indent=INDENT * 3)]
    ]

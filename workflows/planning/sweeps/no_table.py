"""Refuse a file after `sweep` that is not a table: images, or a text file with one value in each line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from invocations.language.printer import print_value
from invocations.language.tokens import is_option
from invocations.language.tree import Stage, Word
from workflows.planning.errors import planning_error
from workflows.values.positions import looks_like_image

BAD_TABLE: Final = "bad_table"
TABLES: Final = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson")


def refuse_file(path: Word, following: Sequence[Stage]) -> None:
    """Refuse an image or a pattern in place of a table. Raises: PlanningError."""
    name, equals, _ = path.text.partition("=")
    if equals and path.quote and is_option(name):
        raise planning_error(BAD_TABLE, f"`{path.text}` is in quotes", path.span, f"write {path.text}")
    if looks_like_image(path.text) or "*" in path.text:
        hint = f"write the files in the stage that uses them: {_command(following)} {print_value(path)}"
        raise planning_error(BAD_TABLE, f"`{path.text}` is not a table", path.span, hint)


def refuse_lines(path: Word, following: Sequence[Stage]) -> None:
    """Refuse a text file that has no usable columns. Raises: PlanningError."""
    if PurePath(path.text).suffix.lower() not in TABLES:
        hint = f"to use each line as a prompt: load-lines {print_value(path)} as p | {_command(following)} --prompt @p*"
        raise planning_error(BAD_TABLE, f"`{path.text}` is not a table", path.span, hint)


def _command(following: Sequence[Stage]) -> str:
    return following[0].command.text if following else "..."

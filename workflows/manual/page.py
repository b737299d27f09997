"""A help page as data: a sequence of blocks, which an application shows as plain text, on a terminal or as HTML."""

from __future__ import annotations

from invocations.frozen import frozen


@frozen
class Usage:
    """The usage of a command, with one form on each line."""

    forms: tuple[str, ...]


@frozen
class Paragraph:
    """Prose that is wrapped to the width of the page, and indented if it has a title."""

    text: str
    title: str = ""


@frozen
class Literal:
    """Lines that keep their breaks and their indentation."""

    text: str
    title: str = ""


@frozen
class Rows:
    """A table of two columns: what to type, and what it means; if `brief`, each row has one line, shortened to fit."""

    rows: tuple[tuple[str, str], ...]
    title: str = ""
    brief: bool = False


Block = Usage | Paragraph | Literal | Rows
Page = tuple[Block, ...]

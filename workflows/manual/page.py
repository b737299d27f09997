"""A help page as data: blocks in order. An application draws them as text, on a terminal or as HTML."""

from __future__ import annotations

from invocations.frozen import frozen


@frozen
class Usage:
    """Usage, with one form on each line."""

    forms: tuple[str, ...]


@frozen
class Paragraph:
    """Prose that is wrapped to fit; indented if it has a title."""

    text: str
    title: str = ""


@frozen
class Literal:
    """Lines that keep their breaks and their indentation."""

    text: str
    title: str = ""


@frozen
class Rows:
    """Two columns: what is typed, and what it means."""

    rows: tuple[tuple[str, str], ...]
    title: str = ""


Block = Usage | Paragraph | Literal | Rows
Page = tuple[Block, ...]

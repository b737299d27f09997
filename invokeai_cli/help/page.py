"""Draw a help page as text, wrapped to a width, colored on a terminal."""

from __future__ import annotations

import re

from invokeai_cli.render.paint import Paint, plain_paint
from workflows.manual.page import Block, Literal, Page, Rows, Usage

from .columns import columns, wrap

MIN_WIDTH, DEFAULT_WIDTH, MAX_WIDTH = 40, 80, 100  # widths in columns; longer lines are hard to read
INDENT = "  "
USAGE = "usage: "
CODE = re.compile("`[^`]+`")
# an indented example, without the explanation after it
EXAMPLE = re.compile("^  ([^\\s`][^`\n]*?)(?=  |$)", re.MULTILINE)


def page_text(page: Page, *, width: int | None = None, paint: Paint = plain_paint) -> str:
    """Return a page as text, at most `width` columns wide unless a word is longer.

    width: the terminal's width in columns; None for the default.
    """
    width = max(MIN_WIDTH, min(width or DEFAULT_WIDTH, MAX_WIDTH))
    return "\n\n".join("\n".join([*_title(block, paint), _body(block, width, paint)]) for block in page)


def _title(block: Block, paint: Paint) -> list[str]:
    return [paint("heading", f"{block.title}:")] if not isinstance(block, Usage) and block.title else []


def _body(block: Block, width: int, paint: Paint) -> str:
    if isinstance(block, Usage):
        return _usage(block, width, paint)
    if isinstance(block, Rows):
        return _with_code("\n".join(columns(block.rows, width, paint, brief=block.brief)), paint)
    if isinstance(block, Literal):
        return _literal(block.text, width, paint)
    return _with_code("\n".join(wrap(block.text, width, indent=INDENT if block.title else "")), paint)


def _literal(text: str, width: int, paint: Paint) -> str:
    if width < DEFAULT_WIDTH and any(len(line) > width for line in text.split("\n")):
        from .reflow import reflowed  # imported here, because few terminals are this narrow

        text = reflowed(text, width)
    return EXAMPLE.sub(lambda found: INDENT + paint("code", found[1]), _with_code(text, paint))


def _usage(block: Usage, width: int, paint: Paint) -> str:
    margin = " " * len(USAGE)
    lines = [line for form in block.forms for line in wrap(form, width, indent=margin)]
    return paint("heading", USAGE) + "\n".join(lines)[len(USAGE) :]


def _with_code(text: str, paint: Paint) -> str:
    """Color text in backticks, even if it continues on the next line."""
    if paint is plain_paint:
        return text
    return CODE.sub(lambda found: "\n".join(paint("code", part) for part in found[0].split("\n")), text)

"""A help page as plain text, wrapped to a width."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.spec import InvocationSpec
from workflows.manual.command import command_page
from workflows.manual.page import Block, Literal, Page, Rows, Usage

from .columns import columns, wrap

MIN_WIDTH, DEFAULT_WIDTH, MAX_WIDTH = 40, 80, 100  # columns; longer lines are hard to read
INDENT = "  "
USAGE = "usage: "


def help_text(spec: InvocationSpec, catalog: Mapping[str, InvocationSpec], *, width: int = DEFAULT_WIDTH) -> str:
    """Return the help page of a command."""
    return page_text(command_page(spec, catalog), width=width)


def page_text(page: Page, *, width: int | None = None) -> str:
    """Return a page as text, at most `width` columns wide if its words allow."""
    width = page_width(width)
    return "\n\n".join("\n".join([*_title(block), *_lines(block, width)]) for block in page)


def page_width(width: int | None) -> int:
    """Return the columns that a page takes on a terminal of some width; None: not a terminal."""
    return max(MIN_WIDTH, min(width or DEFAULT_WIDTH, MAX_WIDTH))


def _title(block: Block) -> list[str]:
    return [f"{block.title}:"] if not isinstance(block, Usage) and block.title else []


def _lines(block: Block, width: int) -> list[str]:
    if isinstance(block, Usage):
        leads = [USAGE] + [" " * len(USAGE)] * (len(block.forms) - 1)
        return [
            line
            for lead, form in zip(leads, block.forms, strict=True)
            for line in wrap(form, width, indent=lead, later=" " * len(USAGE))
        ]
    if isinstance(block, Rows):
        return columns(block.rows, width)
    if isinstance(block, Literal):
        return [block.text]
    return wrap(block.text, width, indent=INDENT if block.title else "")

"""The help page of an input, made from metadata: what it means in each command, and how to set its default."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.spec import InvocationSpec
from workflows.synonyms.table import names_of

from .command import describe, option_usage
from .page import Block, Page, Paragraph, Rows


def input_page(name: str, catalog: Mapping[str, InvocationSpec]) -> Page:
    """Return the help page of an input; it is empty if no command has the input."""
    rows: dict[tuple[str, str], list[str]] = {}
    for spec in catalog.values():
        field = spec.input(name.replace("-", "_"))
        if field is not None:
            rows.setdefault((option_usage(field), describe(field)), []).append(spec.type)
    if not rows:
        return ()
    blocks: list[Block] = [Rows((row,), f"Input of {', '.join(commands)}") for row, commands in rows.items()]
    others = ", ".join(names_of(name.replace("-", "_"), "inputs"))
    if others:
        blocks.append(Paragraph(others, "Names in other tools"))
    lasting = f"`set {name} VALUE` sets a default for the lines that follow; add --save to make it permanent."
    return (*blocks, Paragraph(lasting))

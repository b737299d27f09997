"""Refuse `-` in lines: standard input and output carry the protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from invocations.language.errors import LanguageError, Refusal
from invocations.language.source import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from invocations.spec import InvocationSpec
    from workflows.planning.plan import Plan

STREAM: Final = "-"
FILES: Final = ("file", "text_file", "target")


def refuse_streams(plan: Plan, catalog: Mapping[str, InvocationSpec]) -> None:
    """Refuse a line that reads standard input or writes to standard output. Raises: Refusal."""
    types = {node.id: node.type for node in plan.nodes}
    errors = []
    for value in plan.values:
        field = catalog[types[value.node]].input(value.input) if value.value == STREAM else None
        if field is not None and field.completes in FILES:
            stream = "standard output" if field.completes == "target" else "standard input"
            message = f"`-` is {stream}, which the agent's messages use"
            errors.append(LanguageError("no_stream", message, value.span or Span(0, 0), "write the name of a file"))
    if errors:
        raise Refusal(errors, plan.source)

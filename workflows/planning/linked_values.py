"""Refuse values that arrive through links from constants, such as an unknown scheduler in a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.values.constraints import out_of_range

from .known_inputs import KnownLine
from .lookup import Check, Objection

if TYPE_CHECKING:
    from invocations.spec import FieldSpec

    from .build import PlannedLink

MOST = 1_000  # how many values of one input are checked


def refused_links(
    links: Iterable[tuple[PlannedLink, FieldSpec]],
    line: KnownLine,
    commands: Mapping[str, Span],
    check: Check | None,
) -> Iterator[LanguageError]:
    """Yield an error for each link that carries a value that its input refuses.

    links: the links whose inputs need a check. commands: the place of each node's command
    """
    for link, field in links:
        if link.reason == "sweep":  # the items of an axis are checked where they are written
            continue
        values = line.values(link.edge.source, link.edge.output) or ()
        found = (_objection(field, value, check) for value in values[:MOST])
        objection = next((each for each in found if each is not None), None)
        if objection is not None:
            span = link.span or commands[link.edge.target]
            yield LanguageError(objection.code, objection.message, span, objection.hint)


def _objection(field: FieldSpec, value: Any, check: Check | None) -> Objection | None:
    reason = out_of_range(field, value)
    if reason:
        return Objection("out_of_range", reason)
    return check(field, value, {}) if check is not None and field.completes else None

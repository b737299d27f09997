"""Complete the names of the axes of a sweep: after `--rows`, `--columns`, `--by` and `--zip`, and in file names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from invocations.graph.axes import BY
from invocations.language.tree import Option
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.draft import AXES, option
from workflows.planning.sweeps.axes import label
from workflows.planning.sweeps.kinds import kind_of
from workflows.planning.sweeps.sheets import COLUMNS, ROWS

from .candidate import Candidate
from .cursor import Cursor
from .upstream import Upstream

ZIPS: Final = ("--zip", "--zip-short")
FIELD: Final = "{axis."
SHOWN: Final = 4  # how many values of an axis its description lists


def of_axis(
    spec: InvocationSpec, field: FieldSpec | None, cursor: Cursor, upstream: Upstream
) -> tuple[list[Candidate], Cursor] | None:
    """Return the axes that fit at the cursor, and a cursor for the text that they replace; None where no axis fits.

    field: the input whose value is being typed
    """
    if cursor.is_quoted:
        return None
    if cursor.option in ZIPS:
        return _after_comma(list(_of_stage(spec, upstream)), cursor)
    if field is None:
        return None
    if field.name == BY and spec.role == "collect":
        return _after_comma(list(_around(upstream)), cursor)
    if field.name in (ROWS, COLUMNS) and spec.input(AXES) is not None:
        return [*_around(upstream)], cursor
    at = cursor.typed.rfind("{")
    if field.completes != "target" or at < 0 or "}" in cursor.typed[at:]:
        return None
    names = [replace(each, word=f"{FIELD}{each.word}}}") for each in _around(upstream)]
    return names, replace(cursor, typed=cursor.typed[at:], start=cursor.start + at)


def _after_comma(names: list[Candidate], cursor: Cursor) -> tuple[list[Candidate], Cursor]:
    """Return the names that are not in the list yet, and a cursor for the text after the last comma."""
    at = cursor.typed.rfind(",") + 1
    written = cursor.typed[:at].split(",")
    return [each for each in names if each.word not in written], replace(
        cursor, typed=cursor.typed[at:], start=cursor.start + at
    )


def _around(upstream: Upstream) -> Iterator[Candidate]:
    """Yield the axes around the result that is piped into the stage, each with its values."""
    offer = upstream.primary
    for loop in (*offer.axes, *offer.loops) if offer is not None else ():
        if loop.axis:
            values = [label(value) for value in loop.values[:SHOWN]]
            more = ", ..." if len(loop.values) > SHOWN else ""
            yield Candidate(loop.axis, ", ".join(values) + more, kind="axis")


def _of_stage(spec: InvocationSpec, upstream: Upstream) -> Iterator[Candidate]:
    """Yield the inputs that the stage sets by options and that can be axes."""
    written = [each.name.replace("-", "_") for each in upstream.arguments if isinstance(each, Option)]
    for field in spec.inputs:
        if field.name in written and kind_of(field):
            yield Candidate(option(field).removeprefix("--"), field.description, kind="axis", field=field)

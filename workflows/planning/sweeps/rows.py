"""An axis whose items are rows: several values that advance together, each of which feeds an input of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from invocations.catalog.roles import first_argument, with_role
from invocations.graph.linking import Offer
from invocations.spec import FieldSpec
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import Content
from workflows.values.codecs import ExternalValue

from .place import add_item_loader, add_list

Parts = tuple[tuple[str, Sequence[Any]], ...]


def add_rows(
    builder: GraphBuilder,
    fields: Sequence[FieldSpec],
    rows: Sequence[Sequence[Any]],
    name: str,
    prefix: str,
    *,
    stage: int,
    parts: Parts = (),
    left_out: Sequence[int] = (),
) -> list[Offer]:
    """Add a loop over the numbers of the rows, and for each column a list from which its value is picked; return these.

    Each column has a list of its own, so that its type stays known.
    fields: the inputs that the columns feed
    name: the name of the axis
    parts, left_out: see `Loop`
    Raises: PlanningError.
    """
    plain = [[value.text if isinstance(value, ExternalValue) else value for value in row] for row in rows]
    lists = [
        add_list(builder, Content(list(column), "sweep"), prefix, stage=stage) for column in zip(*plain, strict=True)
    ]
    numbers = add_list(builder, Content(list(range(len(rows))), "sweep"), prefix, stage=stage)
    place = builder.add_spreader(Content(numbers, "sweep"), prefix, stage=stage, axis=name, values=plain)
    place = replace(place, loops=(replace(place.loops[-1], parts=parts, left_out=left_out),))
    columns = zip(fields, lists, rows[0], strict=True)
    return [_picked(builder, place, *column, prefix, stage=stage) for column in columns]


def _picked(
    builder: GraphBuilder, place: Offer, field: FieldSpec, values: Offer, first: Any, prefix: str, *, stage: int
) -> Offer:
    """Add the node that picks the value of a column for each row; return the value."""
    spec = with_role(builder.catalog, "picks")
    assert spec is not None
    assert spec.primary_input is not None
    contents = {spec.primary_input.name: Content(values, "sweep"), first_argument(spec): Content(place, "sweep")}
    item = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)[0]
    if isinstance(first, ExternalValue):
        return add_item_loader(builder, first.kind, item, field, prefix, stage=stage)
    return replace(item, type=field.type)

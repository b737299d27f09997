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

from .axes import label
from .place import add_item_loader, add_list


def add_rows(
    builder: GraphBuilder,
    fields: Sequence[FieldSpec],
    rows: Sequence[Sequence[Any]],
    name: str,
    prefix: str,
    *,
    stage: int,
) -> list[Offer]:
    """Add a list of rows, a loop over it, and a node for each column that picks its value; return these values.

    fields: the inputs that the columns feed
    name: the name of the axis
    Raises: PlanningError.
    """
    plain = [[value.text if isinstance(value, ExternalValue) else value for value in row] for row in rows]
    listed = add_list(builder, Content(plain, "sweep"), prefix, stage=stage)
    labels = [", ".join(map(label, row)) for row in rows]
    row = builder.add_spreader(Content(listed, "sweep"), prefix, stage=stage, axis=name, values=labels)
    return [
        _picked(builder, row, field, place, rows[0][place], prefix, stage=stage) for place, field in enumerate(fields)
    ]


def _picked(
    builder: GraphBuilder, row: Offer, field: FieldSpec, place: int, first: Any, prefix: str, *, stage: int
) -> Offer:
    """Add the node that picks one value of a row; return the value."""
    spec = with_role(builder.catalog, "picks")
    assert spec is not None
    assert spec.primary_input is not None
    contents = {spec.primary_input.name: Content(row, "sweep"), first_argument(spec): Content(place, "sweep")}
    item = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)[0]
    if isinstance(first, ExternalValue):
        return add_item_loader(builder, first.kind, item, field, prefix, stage=stage)
    return replace(item, type=field.type)

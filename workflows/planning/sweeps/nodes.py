"""The nodes of an axis: a list of values, a loop over the list, and loaders for files and models that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from invocations.catalog.roles import first_argument, loader_of, with_role
from invocations.graph.axes import JOINED
from invocations.graph.compatible import fits
from invocations.graph.linking import Offer
from invocations.spec import FieldSpec
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import Content, Origin
from workflows.values.codecs import ExternalValue

from .axes import ZippedValues

Column = tuple[FieldSpec, Content]  # an input of a stage, with its values on an axis


def add_axis(builder: GraphBuilder, field: FieldSpec, content: Content, prefix: str, *, stage: int) -> Offer:
    """Add a list of values and a loop over the list; return the item of the loop. Raises: PlanningError."""
    values = content.value.values
    listed = add_list(builder, _list(content, values), prefix, stage=stage)
    whole = Content(listed, "sweep", content.span)
    item = builder.add_spreader(whole, prefix, stage=stage, axis=field.name, values=values)
    return _fitting(builder, values[0], item, field, prefix, stage=stage)


def add_zipped(
    columns: Sequence[Column],
    builder: GraphBuilder,
    prefix: str,
    *,
    stage: int,
    cells: Mapping[str, Sequence[int]] | None = None,
    **shape: Any,
) -> list[Content]:
    """Add the nodes of axes that advance together: a list of values for each axis, and one loop over the positions
    in these lists. Return the value of each axis in an item, in the order of the columns.

    columns: the inputs of the axes, each with its values
    cells: inputs of the loop with the place of each item among the combinations of the axes
    shape: values for the fields `parts` and `left_out` of the loop
    Raises: PlanningError.
    """
    names = [field.name for field, _ in columns]
    rows = list(zip(*(content.value.values for _, content in columns), strict=False))
    spec = with_role(builder.catalog, "picks")
    assert spec is not None
    assert spec.primary_input is not None
    whole = Content(add_list(builder, Content([*range(len(rows))], "sweep"), prefix, stage=stage), "sweep")
    values = [ZippedValues(names, row) for row in rows]
    place = builder.add_spreader(whole, prefix, stage=stage, axis=JOINED.join(names), values=values, **(cells or {}))
    place = replace(place, loops=(*place.loops[:-1], replace(place.loops[-1], **shape)))
    made = []
    for field, content in columns:
        values = content.value.values[: len(rows)]
        listed = add_list(builder, _list(content, values), prefix, stage=stage)
        picked = {spec.primary_input.name: Content(listed, "sweep"), first_argument(spec): Content(place, "sweep")}
        item = builder.add_node(builder.new_id(prefix, spec.type), spec, picked, stage=stage)[0]
        fitting = _fitting(builder, values[0], item, field, prefix, stage=stage)
        made.append(Content(fitting, "sweep", content.span))
    return made


def _fitting(builder: GraphBuilder, value: Any, item: Offer, field: FieldSpec, prefix: str, *, stage: int) -> Offer:
    """Return an item that fits an input; if the items name files or models, add a loader. value: the first item"""
    if isinstance(value, ExternalValue):
        return add_item_loader(builder, value.kind, item, field, prefix, stage=stage)
    return replace(item, type=field.type)


def add_list(builder: GraphBuilder, content: Content, prefix: str, *, stage: int) -> Offer:
    """Add the node that makes a list of values; return the list."""
    spec = with_role(builder.catalog, "lists")
    assert spec is not None
    return builder.add_node(builder.new_id(prefix, spec.type), spec, {first_argument(spec): content}, stage=stage)[0]


def add_item_loader(
    builder: GraphBuilder, kind: str, item: Offer, field: FieldSpec, prefix: str, *, stage: int
) -> Offer:
    """Add the node that loads the file or the model that an item names; return the output that fits the input."""
    spec = loader_of(builder.catalog, kind)
    assert spec is not None
    contents = {first_argument(spec): Content(item, "sweep")}
    offers = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)
    return next(offer for offer in offers if fits(offer.type, field.type))


def _list(content: Content, values: Sequence[Any]) -> Content:
    """Return the values of an axis as a plain list; the origin of random values is `drawn`."""
    origin: Origin = "drawn" if content.origin == "drawn" else "sweep"
    return Content([*map(_plain, values)], origin, content.span)


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, ExternalValue) else value

"""Turn the axes of a stage into nodes: a list of the values, and a loop over it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from invocations.catalog.roles import first_argument, loader_of, with_role
from invocations.graph.compatible import fits
from invocations.graph.linking import Offer
from invocations.spec import FieldSpec
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import AXES, Content, Draft, Several
from workflows.values.codecs import ExternalValue

from .gather import close_sweep, name_axes


def place(draft: Draft, builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Add the nodes of the axes of a stage, the outermost axis first, and link its inputs to them.

    A `collect` that the user wrote closes a whole sweep; a stage that shows the axes of a sweep receives them.
    Raises: PlanningError.
    """
    if draft.spec.role == "collect":
        close_sweep(draft)
    elif draft.spec.input(AXES) is not None:
        name_axes(draft)
    contents = [(name, content) for name, content in draft.contents.items() if not content.is_plain]
    for name, content in sorted(contents, key=lambda each: each[1].span.start if each[1].span else 0):
        field = draft.spec.input(name)
        assert field is not None
        if isinstance(content.value, Several):
            item = add_axis(builder, field, content, prefix, stage=stage)
            draft.contents[name] = Content(item, "sweep", content.span)
        elif draft.has_axes:  # a list may become an axis as well
            draft.contents[name] = builder.materialize(field, content, prefix, stage=stage)


def add_axis(builder: GraphBuilder, field: FieldSpec, content: Content, prefix: str, *, stage: int) -> Offer:
    """Add a list of values and a loop over it; return the item. Raises: PlanningError."""
    values = content.value.values
    listed = add_list(builder, Content([_plain(value) for value in values], "sweep", content.span), prefix, stage=stage)
    whole = Content(listed, "sweep", content.span)
    item = builder.add_spreader(whole, prefix, stage=stage, axis=field.name, values=values)
    if isinstance(values[0], ExternalValue):
        return add_item_loader(builder, values[0].kind, item, field, prefix, stage=stage)
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


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, ExternalValue) else value

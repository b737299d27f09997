"""Insert results into the strings of a recipe's stages, in place of `${name}`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from invocations.catalog.roles import first_argument, with_role
from invocations.graph.linking import accepts, members
from invocations.language.source import Span
from invocations.spec import FieldSpec
from workflows.values.constraints import with_article
from workflows.values.positions import list_of

from .build import GraphBuilder
from .draft import Content, Draft
from .errors import planning_error
from .recipe_words import mark

FLOAT: Final = ":.15g"  # formats 2.0 as `2` and keeps 15 digits


def insert_linked(
    draft: Draft, linked: Mapping[str, Content], builder: GraphBuilder, prefix: str, *, stage: int
) -> None:
    """Add nodes that insert linked results into the strings of a stage.

    linked: what is linked to the inputs of the recipe, by name
    Raises: PlanningError, if an input of the stage cannot be linked, or a result is not a string.
    """
    for field in draft.spec.inputs:
        content = draft.contents.get(field.name)
        text = content.value if content is not None else None
        names = [name for name in linked if isinstance(text, str) and mark(name) in text]
        if content is None or not names:
            continue
        for name in names:
            _check(name, linked[name], field)
        strings = {name: _as_string(linked[name], builder, prefix, stage=stage) for name in names}
        made = _replaced(text, names, strings, builder, prefix, stage=stage)
        draft.contents[field.name] = Content(made, linked[names[0]].origin, linked[names[0]].span)


def _check(name: str, content: Content, field: FieldSpec) -> None:
    """Refuse a result that cannot be inserted. Raises: PlanningError."""
    wrong = [offer.type for offer in content.offers if offer.type.is_reference or list_of(offer.type) is not None]
    if field.given == "written":
        message = f"`{name}` is inserted into `{field.name}`, so it takes one value, not several and no reference"
    elif wrong:
        message = (
            f"`{name}` is inserted into `{field.name}`, so it takes a string or a number, not {with_article(wrong[0])}"
        )
    else:
        return
    raise planning_error("not_linkable", message, content.span or Span(0, 0))


def _as_string(content: Content, builder: GraphBuilder, prefix: str, *, stage: int) -> Content:
    """Return a result as a string; a node formats a number, a flag or a choice."""
    *_, new = _inputs(builder)
    spec = with_role(builder.catalog, "formats")
    if all(accepts(new, offer) for offer in content.offers) or spec is None or spec.primary_input is None:
        return content
    place = spec.primary_input.name
    is_float = any(each.base == "float" for offer in content.offers for each in members(offer.type))
    template = f"{{{place}{FLOAT if is_float else ''}}}"
    contents = {first_argument(spec): Content(template, "recipe"), place: content}
    offers = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)
    return Content(offers[0], content.origin, content.span)


def _inputs(builder: GraphBuilder) -> list[FieldSpec]:
    """Return the inputs of the node that replaces a string: the text, the old and the new string."""
    spec = with_role(builder.catalog, "replaces")
    assert spec is not None
    return sorted((each for each in spec.inputs if each.position), key=lambda each: each.position or 0)


def _replaced(
    text: Any, names: Sequence[str], linked: Mapping[str, Content], builder: GraphBuilder, prefix: str, *, stage: int
) -> Any:
    """Add, for each name, a node that replaces `${name}` in a text; return the output of the last node."""
    spec = with_role(builder.catalog, "replaces")
    assert spec is not None
    for name in names:
        values = (Content(text, "recipe"), Content(mark(name), "recipe"), linked[name])
        contents = {each.name: value for each, value in zip(_inputs(builder), values, strict=True)}
        offers = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)
        text = next(offer for offer in offers if offer.type.base == "str")
    return text

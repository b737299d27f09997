"""The title of a sheet that shows only some axes of a sweep: the values on the axes around it, such as `seed 3`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from invocations.catalog.roles import first_argument, with_role
from invocations.frozen import frozen
from invocations.graph.axes import JOINED
from invocations.graph.linking import Loop, Offer
from invocations.spec import FieldType
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import TITLE, Content, Draft

from .axes import sweep_of
from .gather import axes_shown

ANY = FieldType("any")
NUMBERS = ("int", "float", "bool")
DIGITS = ".12g"  # the format of numbers with a fraction: 0.1 + 0.2 is 0.3


@frozen
class _Item:
    """The item of an axis: its name, the output that returns it, and the values of the axis if they are known."""

    name: str
    offer: Offer
    values: Sequence[Any]

    @property
    def is_missing(self) -> bool:
        """Whether a value of the axis is None, which a template cannot contain."""
        return None in self.values

    def field(self, place: str) -> str:
        """Return the part of the template for this item: a number or yes/no needs the name of the axis."""
        kinds = {type(value).__name__ for value in self.values} or {self.offer.type.base}
        name = self.name.replace("{", "{{").replace("}", "}}")
        shown = f"{{{place}:{DIGITS}}}" if "float" in kinds else f"{{{place}}}"
        return f"{name} {shown}" if kinds.intersection(NUMBERS) else shown


def add_title(draft: Draft, builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Add the node that makes the title of a stage that draws one sheet for each item of the axes around it.

    The title shows as many axes as the template of the node has placeholders, the innermost ones. Raises:
    PlanningError.
    """
    primary, spec = draft.spec.primary_input, with_role(builder.catalog, "formats")
    content = draft.contents.get(primary.name) if primary is not None else None
    if spec is None or content is None or not isinstance(content.value, Offer) or TITLE in draft.contents:
        return
    template = first_argument(spec)
    places = [field.name for field in spec.inputs if field.position and field.name != template]
    items = [item for item in _around(content.value, builder) if not item.is_missing]
    shown = dict(zip(places, items[-len(places) :], strict=False))
    if shown and draft.spec.input(TITLE) is not None:
        text = ", ".join(item.field(place) for place, item in shown.items())
        contents = {template: Content(text, "sweep")}
        contents |= {place: Content(item.offer, "sweep") for place, item in shown.items()}
        made = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)
        draft.contents[TITLE] = Content(made[0], "sweep")


def _around(images: Offer, builder: GraphBuilder) -> Iterator[_Item]:
    """Yield the items of the axes around a list of images, the outermost first."""
    shown = {loop.iterate for loop in axes_shown(images)}
    for number, loop in enumerate(images.loops):
        if loop in sweep_of(images.loops) and loop.iterate not in shown:
            yield from _items(loop, images.loops[: number + 1], builder)


def _items(loop: Loop, loops: tuple[Loop, ...], builder: GraphBuilder) -> Iterator[_Item]:
    """Yield the item of an axis, or those of the axes that advance together with it; none if it is not known."""
    names = loop.axis.split(JOINED)
    links = [link.edge for link in builder.links if link.edge.source == loop.iterate]
    targets = {edge.target for edge in links}
    picks = [node.id for node in builder.nodes if node.id in targets and "picks" in builder.catalog[node.type].roles]
    if len(names) == 1 and loop.source is not None:
        kind = loop.source.type.args[0] if loop.source.type.args else ANY
        output = with_role(builder.catalog, "spreads")
        assert output is not None
        assert output.primary_output is not None
        item = output.primary_output.name
        yield _Item(names[0], Offer(0, item, kind, loop.iterate, item, loops), loop.values)
    elif len(names) == len(picks):
        output = with_role(builder.catalog, "picks")
        assert output is not None
        assert output.primary_output is not None
        item = output.primary_output.name
        for place, (name, pick) in enumerate(zip(names, picks, strict=True)):
            values = [each.values[place] for each in loop.values]
            yield _Item(name, Offer(0, item, ANY, pick, item, loops), values)

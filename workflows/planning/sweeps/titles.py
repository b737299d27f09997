"""The title of a sheet that shows only some axes of a sweep: the values of the other axes, such as `seed 3`."""

from __future__ import annotations

from collections.abc import Iterator

from invocations.catalog.roles import first_argument, with_role
from invocations.graph.axes import JOINED
from invocations.graph.linking import Loop, Offer
from invocations.spec import FieldType
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import TITLE, Content, Draft

from .axes import sweep_of
from .gather import axes_shown

NAMES = "names"  # the input that takes the names of the axes shown in a title
ANY = FieldType("any")


def add_title(draft: Draft, builder: GraphBuilder, prefix: str, *, stage: int) -> None:
    """Add the node that makes the titles of a stage that draws one sheet for each item of the axes around it.

    A title shows only the innermost axes: as many as the template of the node has placeholders.
    Raises: PlanningError.
    """
    primary, spec = draft.spec.primary_input, with_role(builder.catalog, "formats")
    content = draft.contents.get(primary.name) if primary is not None else None
    if spec is None or content is None or not isinstance(content.value, Offer) or TITLE in draft.contents:
        return
    template = first_argument(spec)
    places = [field.name for field in spec.inputs if field.position and field.name != template]
    shown = [*_around(content.value, builder)][-len(places) :]
    if shown and draft.spec.input(TITLE) is not None:
        text = ", ".join(f"{{{place}}}" for place, _ in zip(places, shown, strict=False))
        contents = {template: Content(text, "sweep"), NAMES: Content([name for name, _ in shown], "sweep")}
        contents |= {place: Content(item, "sweep") for place, (_, item) in zip(places, shown, strict=False)}
        made = builder.add_node(builder.new_id(prefix, spec.type), spec, contents, stage=stage)
        draft.contents[TITLE] = Content(made[0], "sweep")


def _around(images: Offer, builder: GraphBuilder) -> Iterator[tuple[str, Offer]]:
    """Yield the names and the items of the axes around a list of images, the outermost first."""
    shown = {loop.iterate for loop in axes_shown(images)}
    for number, loop in enumerate(images.loops):
        if loop in sweep_of(images.loops) and loop.iterate not in shown:
            yield from _items(loop, images.loops[: number + 1], builder)


def _items(loop: Loop, loops: tuple[Loop, ...], builder: GraphBuilder) -> Iterator[tuple[str, Offer]]:
    """Yield the name and the item of an axis, or those of the axes that advance together with it."""
    names = loop.axis.split(JOINED)
    targets = {link.edge.target for link in builder.links if link.edge.source == loop.iterate}
    picks = [node.id for node in builder.nodes if node.id in targets and "picks" in builder.catalog[node.type].roles]
    joined = len(names) == len(picks) > 1
    if not joined and len(names) > 1:  # the axes of an earlier line, of which only the positions are known
        return
    spec = with_role(builder.catalog, "picks" if joined else "spreads")
    if spec is not None and spec.primary_output is not None:
        output = spec.primary_output.name
        for name, node in zip(names, picks if joined else [loop.iterate], strict=True):
            yield name, Offer(0, output, ANY, node, output, loops)

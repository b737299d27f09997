"""Load the images of several paths, which one stage lists: `load a.png b.png`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from invocations.catalog.roles import first_argument
from invocations.graph.compatible import fits
from invocations.graph.linking import Offer
from invocations.spec import InvocationSpec
from workflows.values.codecs import is_pattern

from .build import GraphBuilder
from .draft import Content


def add_loaders(
    builder: GraphBuilder, node_id: str, spec: InvocationSpec, contents: Mapping[str, Content], *, stage: int
) -> list[Offer]:
    """Add a loader for each of several paths, and nodes that collect the images; return the outputs of the stage.

    Raises: PlanningError.
    """
    source = first_argument(spec)
    content = contents[source]
    made: list[list[Offer]] = []
    for path in content.value:
        own = node_id if not made else builder.new_id(node_id, spec.type)
        made.append(builder.add_node(own, spec, {**contents, source: replace(content, value=path)}, stage=stage))
    lists = [next(each for each in offers if each.type.base == "list") for offers in made]
    items = [
        builder.add_spreader(replace(content, value=many, origin="each"), node_id, stage=stage)
        if is_pattern(path, builder.is_file)
        else next(each for each in offers if fits(each.type, many.type.args[0]))
        for path, offers, many in zip(content.value, made, lists, strict=True)
    ]
    whole = builder.add_collectors(items, content, node_id, stage=stage)
    whole = replace(whole, name=lists[0].name)
    return [whole if each.name == whole.name else each for each in made[0]]

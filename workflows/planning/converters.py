"""The inputs of a node that converts a loaded image to a mask."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.graph.compatible import fits
from invocations.graph.linking import Offer
from invocations.spec import InvocationSpec

from .draft import Content


def converting(spec: InvocationSpec, offers: Sequence[Offer]) -> dict[str, Content]:
    """Return what fills a converter: the loaded image, and for every other input the value that has no effect."""
    assert spec.primary_input is not None
    image = next(offer for offer in offers if fits(offer.type, spec.primary_input.type))
    contents = {spec.primary_input.name: Content(image, "written")}
    return contents | {each.name: Content(each.neutral, "recipe") for each in spec.inputs if each.neutral is not None}

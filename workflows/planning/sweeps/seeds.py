"""The seed from which a stage draws random values and prompts: the first one, if the seed is an axis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from invocations.graph.linking import Offer
from workflows.planning.draft import Draft, Origin, Several

from .axes import ZippedValues
from .kinds import is_seed


def first_seed(draft: Draft, besides: str = "") -> int | None:
    """Return the seed of a stage, or the first value if its seed is an axis; None if it has no seed, or an unknown one.

    besides: the input whose values are drawn; it cannot be the seed for its own values
    """
    return next((seed for seed, _ in _seeds(draft, besides)), None)


def has_known_seed(draft: Draft, besides: str) -> bool:
    """Whether a stage has a seed that was not drawn at random. besides: as for `first_seed`"""
    return next((origin != "drawn" for _, origin in _seeds(draft, besides)), False)


def _seeds(draft: Draft, besides: str) -> Iterator[tuple[int, Origin]]:
    """Yield each seed of a stage, or the first value if it is an axis, and its origin."""
    for field in draft.spec.inputs:
        content = draft.contents.get(field.name)
        if is_seed(field) and content is not None and field.name != besides:
            value = _first(content.value)
            if isinstance(value, int):
                yield value, content.origin


def _first(value: Any) -> Any:
    if isinstance(value, Several):
        return value.values[0] if value.values else None
    return _first_item(value) if isinstance(value, Offer) else value


def _first_item(offer: Offer) -> Any:
    """Return the first value of an axis that a `sweep` stage declares, or None if the output is something else."""
    loop = offer.loops[-1] if offer.loops else None
    first = loop.values[0] if loop is not None and loop.values else None
    if isinstance(first, ZippedValues):
        return first.values[first.names.index(offer.name)] if offer.name in first.names else None
    return first if loop is not None and loop.iterate == offer.node else None

"""The size of a sweep: decided from the numbers of values, before any value is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.planning.draft import Draft

from .zip import length


def refused_size(
    draft: Draft, groups: Sequence[Sequence[str]], counts: Mapping[str, int], most: int
) -> list[LanguageError]:
    """Return the error if a stage would have too many items, otherwise [].

    groups: the axes of the stage, those that go in step together
    counts: the number of values of each axis
    """
    loops = {loop for content in draft.contents.values() for offer in content.offers for loop in offer.loops}
    factors = [len(loop.values) for loop in sorted(loops, key=lambda loop: loop.place) if loop.values]
    factors += [length(group, counts) for group in groups]
    factors += [1 + len(each.news) for each in draft.sweep.varied] if draft.sweep is not None else []
    if prod(factors) <= most:
        return []
    product = " x ".join(map(str, factors)) + " = " if len(factors) > 1 else ""
    message = f"the sweep has {product}{prod(factors)} items, but at most {most} are possible"
    spans = [span for name in counts if (span := draft.contents[name].span) is not None]
    place = Span(min(each.start for each in spans), max(each.end for each in spans)) if spans else draft.stage.span
    return [LanguageError("sweep_too_large", message, place, "write fewer values")]

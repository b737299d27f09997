"""The size of a sweep: decided from the numbers of values, before any value is made."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.planning.draft import Draft


def refused_size(draft: Draft, counts: Mapping[str, int], most: int) -> list[LanguageError]:
    """Return the error if a stage would have too many items, otherwise [].

    counts: the number of values of each axis of the stage
    """
    loops = {loop for content in draft.contents.values() for offer in content.offers for loop in offer.loops}
    around = [len(loop.values) for loop in sorted(loops, key=lambda loop: loop.place) if loop.values]
    factors = [*around, *counts.values()]
    if not counts or prod(factors) <= most:
        return []
    product = " x ".join(map(str, factors)) + " = " if len(factors) > 1 else ""
    message = f"the sweep has {product}{prod(factors)} items, but at most {most} are possible"
    spans = [content.span for name in counts if (content := draft.contents[name]).span is not None]
    span = Span(min(each.start for each in spans), max(each.end for each in spans)) if spans else draft.stage.span
    return [LanguageError("sweep_too_large", message, span, "write fewer values")]

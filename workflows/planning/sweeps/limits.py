"""The size of a sweep: decided from the numbers of values, before any value is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.planning.draft import MOST_ITEMS, Draft

from .zip import length


def refused_size(
    draft: Draft, groups: Sequence[Sequence[str]], counts: Mapping[str, int], spans: Sequence[Span], most: int
) -> list[LanguageError]:
    """Return the error if a stage would have too many items, otherwise [].

    groups: the axes of the stage, those that go in step together
    counts: the number of values of each axis
    spans: the places of the axes
    """
    loops = {loop for content in draft.contents.values() for offer in content.offers for loop in offer.loops}
    factors = [len(loop.values) for loop in sorted(loops, key=lambda loop: loop.place) if loop.values]
    factors += [length(group, counts) for group in groups]
    if prod(factors) <= most:
        return []
    product = " x ".join(map(str, factors)) + " = " if len(factors) > 1 else ""
    place = Span(min(each.start for each in spans), max(each.end for each in spans)) if spans else draft.stage.span
    return [too_large(f"{product}{prod(factors)}", prod(factors), most, place)]


def too_large(counted: str, count: int, most: int, place: Span, fewer: str = "write fewer values") -> LanguageError:
    """Return the error for a sweep with too many items.

    counted: how many there are, such as `5 x 100 = 500`. most: how many are allowed
    """
    if count <= MOST_ITEMS:
        message, hint = f"the sweep has {counted} items", f"to run more than {most}, add --yes or --max-items {count}"
    else:
        message, hint = f"the sweep has {counted} items, but at most {MOST_ITEMS} are possible", fewer
    return LanguageError("sweep_too_large", message, place, hint)

"""The size of a sweep: computed from the numbers of values, before any value is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Final

from invocations.language.errors import LanguageError
from invocations.language.source import Span
from workflows.planning.draft import MOST_ITEMS, Draft

from .zip import length

if TYPE_CHECKING:
    from workflows.planning.plan import Plan

NOT_RUN: Final = ("the sweep was not run", "`--max-items N` and `--yes` run a large sweep without asking")


def question(items: int, time: str = "") -> str:
    """Return the question to ask before a large sweep runs. time: how long it may take, such as `about 4 min`"""
    return f"the sweep has {items} items{f' and takes {time}' if time else ''}; run it?"


def refused_size(
    draft: Draft, groups: Sequence[Sequence[str]], counts: Mapping[str, int], spans: Sequence[Span], most: int
) -> list[LanguageError]:
    """Return the error if a stage would have too many items, otherwise [].

    groups: the axes of the stage; axes that advance together form one group
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


def written_axes(plan: Plan) -> dict[str, int]:
    """Return the `iterate` node and the number of items (0 if unknown) of each axis that is written in a line.

    A list that is only piped into a stage, such as all files of a folder, does not count.
    """
    commands = {stage.span.start for stage in plan.stages}  # the places of links made by pipes
    places = {link.edge.target: link.span for link in plan.links}
    written = {id_ for id_, span in places.items() if span is not None and span.start not in commands}
    return {axis.iterate: axis.count or 0 for axis in plan.axes if axis.count is not None or axis.iterate in written}


def too_large(counted: str, count: int, most: int, place: Span, fewer: str = "write fewer values") -> LanguageError:
    """Return the error for a sweep with too many items.

    counted: the number of items as text, such as `5 x 100 = 500`. most: how many items are allowed
    """
    if count <= MOST_ITEMS:
        message, hint = f"the sweep has {counted} items", f"to run more than {most}, add --yes or --max-items {count}"
    else:
        message, hint = f"the sweep has {counted} items, but at most {MOST_ITEMS} are possible", fewer
    return LanguageError("sweep_too_large", message, place, hint)

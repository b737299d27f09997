"""Refuse results that no stage uses: a `|` after a stage means that the next stage uses its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from invocations.catalog.roles import roles_of
from invocations.graph.linking import Offer, reference_kinds
from invocations.language.errors import LanguageError
from invocations.spec import InvocationSpec

from .plan import PlannedStage

ENDS = frozenset({"saves", "shows"})  # roles of commands whose results need not be used
KINDS = frozenset({"image", "mask"})  # results of these kinds are passed on only by `|` or by a name
HINT = "write the commands on separate lines, or name the result with `--as NAME` to use it later"

Unused = tuple[PlannedStage, PlannedStage, Offer]  # a stage, the next stage, and the first one's unused result


def unused_results(
    stages: Sequence[PlannedStage], results: Sequence[Offer], catalog: Mapping[str, InvocationSpec]
) -> Iterator[Unused]:
    """Yield each unnamed result that no later stage uses, unless its stage saves or shows an image."""
    offers = {offer.stage: offer for offer in results}
    for stage, after in pairwise(stages):
        offer = offers.get(stage.number)
        if offer is None or stage.name or not after.links or not ENDS.isdisjoint(roles_of(catalog, stage.command)):
            continue
        yield stage, after, offer


def is_refused(offer: Offer) -> bool:
    """Whether nothing can use the result later; a line that continues this one may use latents, models and the like."""
    return KINDS.issuperset(reference_kinds(offer.type))


def refusal(unused: Unused) -> LanguageError:
    """Return the error for a result that no stage uses."""
    stage, after, offer = unused
    message = f"the result of `{stage.command}` ({offer.type}) is unused: `{after.command}` does not accept it"
    return LanguageError("unused_result", message, stage.span, HINT)

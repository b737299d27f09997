"""Complete references to earlier results: results that fit the input come first, and later results before earlier ones.

A session may have thousands of results, so only the suggested ones are looked up and described.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice

from invocations.graph.compatible import fits
from invocations.graph.linking import Offer, accepts
from invocations.language.tokens import EACH
from invocations.spec import FieldSpec, FieldType
from workflows.planning.scope import Scope, StageOutputs
from workflows.values.positions import list_of

from .candidate import GAP, Candidate
from .context import CompletionContext
from .fuzzy import NO_MATCH, score
from .upstream import Upstream

MAX_REFERENCES = 100  # maximum number of suggestions: nobody scrolls through more
MAX_MATCHES = 200  # how many of the latest words with the typed prefix are considered
MAX_SCATTERED = 100  # how many of the latest names are searched for scattered letters
MAX_DIGITS = 9

Named = tuple[str, StageOutputs]  # the name or number of a stage, and the stage


def references(
    typed: str, field: FieldSpec | None, upstream: Upstream, context: CompletionContext
) -> Iterator[Candidate]:
    """Yield references to earlier stages or, after a dot, to a stage's outputs.

    References whose type fits the input are in group 0, which is listed first.
    """
    word, dot, _ = typed.removeprefix("@").removesuffix(EACH).partition(".")
    if dot:
        return _outputs(word, field, upstream, context)
    found = _matching(word, field, upstream) if word else _all(field, upstream)
    return (
        Candidate(
            f"@{name}{_star(field, offer)}",
            _about(stage, offer, context),
            int(not _fits(field, offer.type)),
            kind="reference",
        )
        for name, stage in islice(found, MAX_REFERENCES)
        if (offer := stage.main) is not None
    )


def _outputs(word: str, field: FieldSpec | None, upstream: Upstream, context: CompletionContext) -> Iterator[Candidate]:
    """Yield the outputs of the stage that a word names."""
    stages = [stage for stage in upstream.named_line if word in (stage.name, str(stage.number))]
    stages += [stage for _, stage in _known(word, upstream.context.scope)]
    for stage in stages[:1]:
        for offer in stage.offers:
            about = _about(stage, offer, context)
            fitting = field is not None and (accepts(field, offer) or bool(_star(field, offer)))
            name = f"@{word}.{offer.name}{_star(field, offer)}"
            yield Candidate(name, about, int(not fitting), kind="reference")


def _all(field: FieldSpec | None, upstream: Upstream) -> Iterator[Named]:
    """Yield the names and numbers of all stages, beginning with those whose output fits the input."""
    others = upstream.latest(lambda type_: not _fits(field, type_))
    for stage in chain(upstream.latest(lambda type_: _fits(field, type_)), others):
        yield from _words(stage, upstream)


def _matching(typed: str, field: FieldSpec | None, upstream: Upstream) -> Iterator[Named]:
    """Yield the names and numbers that match the typed text, beginning with those whose output fits the input."""
    scope = upstream.context.scope
    line = [each for stage in upstream.named_line for each in _words(stage, upstream) if _matches(typed, each[0])]
    numbers = map(str, islice(_numbers_like(typed, scope.next_number - 1), MAX_MATCHES))
    words = dict.fromkeys(chain(_names_like(typed, scope), numbers))
    hidden = {word for word, _ in line}
    earlier = (each for word in words if word not in hidden for each in _known(word, scope))
    fitting: list[Named] = []
    others: list[Named] = []
    for each in chain(line, earlier):
        fits_here = each[1].main is not None and _fits(field, each[1].main.type)
        (fitting if fits_here else others).append(each)
    return chain(fitting, others)


def _names_like(typed: str, scope: Scope) -> Iterator[str]:
    """Yield the latest names that match, beginning with the names that start with the typed text."""
    begin = scope.index.names(typed)
    if len(begin) <= MAX_MATCHES:
        yield from sorted(begin, key=lambda name: -scope.by_name[name].number)
    else:
        names = (name for name in reversed(scope.by_name) if name.lower().startswith(typed.lower()))
        yield from islice(names, MAX_MATCHES)
    yield from (name for name in islice(reversed(scope.by_name), MAX_SCATTERED) if _matches(typed, name))


def _known(word: str, scope: Scope) -> list[Named]:
    """Return the earlier stage with this name or number, or None."""
    is_number = word.isascii() and word.isdigit() and len(word) <= MAX_DIGITS
    stage = scope.by_number.get(int(word)) if is_number else scope.by_name.get(word)
    return [(word, stage)] if stage is not None else []


def _numbers_like(typed: str, last: int) -> Iterator[int]:
    """Yield the numbers up to `last` that begin with the typed digits, the highest first."""
    if not (typed.isascii() and typed.isdigit()) or typed[0] == "0":
        return
    for zeros in range(len(str(last)) - len(typed), -1, -1):
        low = int(typed) * 10**zeros
        yield from range(min(low + 10**zeros - 1, last), low - 1, -1)


def _words(stage: StageOutputs, upstream: Upstream) -> list[Named]:
    """Return the words that can refer to a stage: its name, unless a later stage has taken it, and its number."""
    number = (str(stage.number), stage)
    if stage.name is None:
        return [number]
    owner = next((other for other in upstream.named_line if other.name == stage.name), None)
    owner = owner or upstream.context.scope.by_name.get(stage.name, stage)
    return [(stage.name, stage), number] if owner.number == stage.number else [number]


def _matches(typed: str, word: str) -> bool:
    return score(f"@{typed}", f"@{word}") < NO_MATCH


def _fits(field: FieldSpec | None, type_: FieldType) -> bool:
    return field is None or (field.given != "written" and (fits(type_, field.type) or _is_each(field, type_)))


def _is_each(field: FieldSpec, type_: FieldType) -> bool:
    """Return True if an input takes each item of a list, but not the list."""
    many = list_of(type_)
    return many is not None and fits(many.args[0], field.type) and not fits(type_, field.type)


def _star(field: FieldSpec | None, offer: Offer) -> str:
    """Return the `*` of a reference to each item of a list, or "" if the whole output is wanted."""
    return EACH if field is not None and field.given != "written" and _is_each(field, offer.type) else ""


def _about(stage: StageOutputs, offer: Offer, context: CompletionContext) -> str:
    texts = (stage.command, str(offer.type), context.results(offer.node, offer.output))
    return GAP.join(text for text in texts if text)

"""What may be typed here: a pure function of the text, the cursor and what is known; the best first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from invocations.spec import InvocationSpec
from invokeai_cli.directives import DIRECTIVES
from invokeai_cli.directives.graph_words import SWITCHES
from invokeai_cli.repl.directive_completion import directive_words
from workflows.manual.categories import CATEGORIES
from workflows.manual.common_options import COMMON_OPTIONS
from workflows.planning.bind import is_flag
from workflows.planning.read_values import list_of
from workflows.values.constraints import facts

from .choice import GAP, Choice, quoted
from .context import Known
from .cursor import Place, find_place
from .fuzzy import NOT_AT_ALL, fit
from .inputs import find_inputs, named
from .upstream import Upstream
from .values import references, values

MOST = 200  # suggestions: nobody reads on
PLACES = {category: place for place, category in enumerate(CATEGORIES)}  # as `nodes` lists them
BEHIND = 4  # groups: the options stand behind the values of what the next word fills
CLEAR_FIT = 2  # fits below it are beginnings: among these what suits the place comes first


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A word for the menu: `text` takes the place of what stands from `start` to the cursor; `about` is its column."""

    text: str
    start: int
    about: str
    shown: str


def suggest(text: str, cursor: int, known: Known) -> tuple[Suggestion, ...]:
    """Return what may stand at the cursor, the likeliest first."""
    text = text[:cursor]
    place = find_place(text, cursor)
    if place is None or text.lstrip()[:1] == "!":
        return ()
    if text.lstrip()[:1] == "?":
        typed = text.lstrip()[1:].lstrip()
        return _ranked(_words(known), typed, len(text) - len(typed), quote=False)
    return _ranked(_choices(place, known), place.typed, place.start, quote=bool(place.stage))


def _ranked(choices: Iterable[Choice], typed: str, start: int, *, quote: bool) -> tuple[Suggestion, ...]:
    found = []
    for index, choice in enumerate(choices):
        how = fit(typed, choice.word)
        if how < NOT_AT_ALL:
            found.append((how >= CLEAR_FIT, choice.group, how, index, choice))
    return tuple(
        Suggestion(quoted(choice) if quote else choice.word, start, choice.about, choice.shown or choice.word)
        for *_, choice in sorted(found, key=lambda each: each[:4])[:MOST]
    )


def _choices(place: Place, known: Known) -> Iterable[Choice]:
    upstream = Upstream(place, known)
    if not place.stage:
        if place.told == "graph" and place.typed.startswith("@"):
            return references(place.typed, None, upstream, known)
        return [*_switches(place), *_commands(place, upstream, known)]
    if place.is_first and not place.explained and place.command in DIRECTIVES:
        return directive_words(place, known)
    spec = known.catalog.get(place.command)
    if spec is None:
        return ()
    inputs = find_inputs(place, spec, piped=upstream.is_piped_into(spec))
    field = inputs.next
    if place.typed.startswith("@"):
        return references(place.typed, field, upstream, known)
    of_option = named(spec, place.option)
    if of_option is not None and not is_flag(of_option):
        return values(of_option, place.typed, upstream, known)
    if place.typed.startswith("-"):
        return _options(spec, inputs.given)
    if field is not None and field.free_text:
        return ()
    of_field = values(field, place.typed, upstream, known) if field else ()
    after = BEHIND if of_field and field and field.completes != "target" else 0
    return [*of_field, *(() if place.typed else _options(spec, inputs.given, after))]


def _commands(place: Place, upstream: Upstream, known: Known) -> Iterable[Choice]:
    """Return the commands, those that suit the place first, with the links that they would make."""
    for spec in sorted(known.catalog.values(), key=lambda spec: PLACES.get(spec.category, len(CATEGORIES))):
        if place.is_first:
            yield Choice(spec.type, spec.summary, int(not _begins(spec)))
        else:
            links = upstream.links(spec)
            yield Choice(spec.type, f"{links}{GAP}{spec.summary}" if links else spec.summary, _rank(spec, upstream))
    if place.is_first and not place.explained:
        yield from (Choice(word, entry.summary, 2) for word, entry in DIRECTIVES.items())


def _switches(place: Place) -> Iterable[Choice]:
    """Return what `graph` may be told before its line."""
    if place.told == "graph" and place.is_first and place.typed.startswith("-"):
        yield from (Choice(word, about) for word, about in SWITCHES.items())


def _rank(spec: InvocationSpec, upstream: Upstream) -> int:
    return 0 if upstream.accepted_by(spec) else 1 if upstream.is_piped_into(spec) else 2


def _begins(spec: InvocationSpec) -> bool:
    """Tell whether a command can stand at the beginning of a line without a reference."""
    return not any(f.required and f.type.is_reference and f.default is None for f in spec.inputs)


def _words(known: Known) -> Iterable[Choice]:
    yield from (Choice(spec.type, spec.summary) for spec in known.catalog.values())
    yield from (Choice(word, entry.summary, 1) for word, entry in DIRECTIVES.items())


def _options(spec: InvocationSpec, given: frozenset[str], after: int = 0) -> Iterable[Choice]:
    """Return the options that are not given yet, with type, range, default and what they are for."""
    for field in spec.inputs:
        if field.name in given and not list_of(field.type):
            continue
        dashes = "--no-" if is_flag(field) and field.default is True else "--"
        about = f"{facts(field)}{GAP}{field.description}"
        yield Choice(dashes + field.name.replace("_", "-"), about, after + int(not field.common))
    yield from (Choice(usage.split()[0], about, after + 2) for usage, about in COMMON_OPTIONS)

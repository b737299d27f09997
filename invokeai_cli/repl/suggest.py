"""What may be typed here: a pure function of the text, the cursor and what is known; the best first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from invocations.spec import FieldSpec, InvocationSpec
from invokeai_cli.commands.help import EVERYWHERE
from invokeai_cli.commands.ranges import facts
from invokeai_cli.completing import complete
from invokeai_cli.directives import DIRECTIVES
from invokeai_cli.directives.graph_words import SWITCHES
from invokeai_cli.directives.nodes import ORDER
from invokeai_cli.language.parser import read
from invokeai_cli.language.source import Source
from invokeai_cli.language.tree import Option
from invokeai_cli.planning.bind import is_flag
from invokeai_cli.planning.reading import list_of

from .choice import GAP, Choice, quoted
from .known import Known
from .matching import NOT_AT_ALL, fit
from .place import Place, find_place
from .upstream import Upstream
from .values import files, references, values

MOST = 200  # suggestions: nobody reads on
PLACES = {category: place for place, category in enumerate(ORDER)}  # as `nodes` lists them
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
        return _of_directive(place, known)
    spec = known.catalog.get(place.command)
    if spec is None:
        return ()
    if place.typed.startswith("@"):
        return references(place.typed, _field(place, spec, upstream), upstream, known)
    named = _named(spec, place.option)
    if named is not None and not is_flag(named):
        return values(named, place.typed, upstream, known)
    if place.typed.startswith("-"):
        return _options(place, spec)
    field = _field(place, spec, upstream)
    if field is not None and field.free_text:
        return ()
    of_field = values(field, place.typed, upstream, known) if field else ()
    return [*of_field, *(() if place.typed else _options(place, spec))]


def _commands(place: Place, upstream: Upstream, known: Known) -> Iterable[Choice]:
    """Return the commands, those that suit the place first, with the links that they would make."""
    for spec in sorted(known.catalog.values(), key=lambda spec: PLACES.get(spec.category, len(ORDER))):
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


def _of_directive(place: Place, known: Known) -> Iterable[Choice]:
    found = complete([token.text for token in place.stage], place.typed, known.catalog)
    yield from (Choice(word, about) for word, about in found.offers.items())
    if found.files:
        yield from files(place.typed, known, (".inv",) if place.command == "run" else (), found.files == "directory")


def _options(place: Place, spec: InvocationSpec) -> Iterable[Choice]:
    """Return the options that are not given yet, with type, range, default and what they are for."""
    given = {field.name for token in place.stage if (field := _named(spec, token.text)) and token.kind == "option"}
    for field in spec.inputs:
        if field.name in given and not list_of(field.type):
            continue
        dashes = "--no-" if is_flag(field) and field.default is True else "--"
        about = f"{facts(field)}{GAP}{field.description}"
        yield Choice(dashes + field.name.replace("_", "-"), about, 0 if field.common else 1)
    yield from (Choice(usage.split()[0], about, 2) for usage, about in EVERYWHERE)


def _named(spec: InvocationSpec, option: str) -> FieldSpec | None:
    """Return the input that an option names."""
    if option.startswith("--"):
        return spec.input(option[2:].replace("-", "_"))
    return next((field for field in spec.inputs if option and field.short == option[1:]), None)


def _field(place: Place, spec: InvocationSpec, upstream: Upstream) -> FieldSpec | None:
    """Return the input that the word would fill: that of its option, else the next one that takes bare words."""
    named = _named(spec, place.option)
    if named is not None and not is_flag(named):
        return named
    slots = sorted((f for f in spec.inputs if f.position is not None), key=lambda f: f.position or 0)
    stages = read(Source(None, place.stage_text))[0].stages
    arguments = list(stages[0].arguments) if stages else []
    options = [_written(spec, argument) for argument in arguments if isinstance(argument, Option)]
    written = {field.name for field in options if field is not None}
    piped = upstream.is_piped_into(spec)
    free = [f for f in slots if f.name not in written and not (piped and f.primary)]
    in_text = False
    while arguments and free:
        argument = arguments.pop(0)
        if isinstance(argument, Option):
            if in_text:
                free.pop(0)
                in_text = False
            field = _written(spec, argument)
            if arguments and field is not None and not argument.glued and not is_flag(field):
                arguments.pop(0)
        elif free[0].free_text:
            in_text = True
        elif not (len(free) == 1 and list_of(free[0].type)):
            free.pop(0)
    return free[0] if free else None


def _written(spec: InvocationSpec, option: Option) -> FieldSpec | None:
    return _named(spec, ("-" if option.short else "--") + option.name)

"""Suggest what to type at the cursor: a pure function of the text, the cursor and the context."""

from __future__ import annotations

from collections.abc import Iterable

from invocations.frozen import frozen
from invocations.language.tokens import SWEEP
from invocations.spec import FieldSpec, InvocationSpec
from workflows.manual.categories import CATEGORIES
from workflows.manual.common_options import common_words
from workflows.manual.topics import TOPICS
from workflows.planning.draft import is_flag
from workflows.planning.honored import honored, model_in
from workflows.planning.inner_options import with_inner_inputs
from workflows.reserved import SWEEP_SUMMARY, WILDCARDS
from workflows.synonyms.table import names_of
from workflows.values.constraints import facts
from workflows.values.positions import list_of

from .axes import of_axis
from .candidate import GAP, Candidate, Link, quoted
from .context import CompletionContext
from .cursor import Cursor, find_cursor
from .diagnose import Diagnosis
from .fuzzy import NO_MATCH, score
from .inputs import find_inputs, named
from .references import references
from .sweeps import of_sweep, of_value
from .upstream import Upstream, find_upstream, links_text
from .values import files

MAX_SUGGESTIONS = 200  # maximum number of rows in the menu: nobody scrolls through more
AFTER_VALUES = 4  # added to the group of an option that is listed after values
MIN_OTHER = 3  # how many characters of another tool's term must be typed before our word is suggested
CLEAR_MATCH = 2  # words with a score below this match well: they are sorted by group first, then by score


@frozen
class Suggestion:
    """A row of the completion menu.

    text: replaces the text between `start` and the cursor
    about: the description of the row
    shown: the label of the row
    kind: what is suggested, such as a command, an option, a model or a file
    field: the input that an option or a name sets
    links: the links that a command would make
    """

    text: str
    start: int
    about: str
    shown: str
    kind: str = "word"
    field: FieldSpec | None = None
    links: tuple[Link, ...] = ()


def suggest(
    text: str, position: int, context: CompletionContext, diagnosis: Diagnosis | None = None
) -> tuple[Suggestion, ...]:
    """Return the suggestions at the cursor, best first.

    diagnosis: the diagnosis of the same text, if available; it saves planning the line again
    """
    text = text[:position]
    cursor = find_cursor(text, position, context.reserved)
    if cursor is None or text.lstrip()[:1] == "!":
        return ()
    if text.lstrip()[:1] == "?":
        typed = text.lstrip()[1:].lstrip()
        return _ranked(_words(context), typed, len(text) - len(typed), quote=False)
    found, cursor = _candidates(text, cursor, context, diagnosis)
    return _ranked(found, cursor.typed, cursor.start, quote=bool(cursor.stage))


def _ranked(candidates: Iterable[Candidate], typed: str, start: int, *, quote: bool) -> tuple[Suggestion, ...]:
    found = []
    for index, candidate in enumerate(candidates):
        points = _score(typed, candidate)
        if points < NO_MATCH:
            found.append((points >= CLEAR_MATCH, candidate.group, points, index, candidate))
    return tuple(
        _suggestion(each, start, quote=quote) for *_, each in sorted(found, key=lambda each: each[:4])[:MAX_SUGGESTIONS]
    )


def _suggestion(each: Candidate, start: int, *, quote: bool) -> Suggestion:
    text = quoted(each) if quote else each.word
    return Suggestion(text, start, each.about, each.shown or each.word, each.kind, each.field, each.links)


def _score(typed: str, candidate: Candidate) -> int:
    """Return how well a candidate matches the typed text, by its own word or by a synonym from another tool."""
    points = score(typed, candidate.word)
    other = len(typed) >= MIN_OTHER and any(name.lower().startswith(typed.lower()) for name in candidate.also)
    return min(points, CLEAR_MATCH - 1) if other else points


def _candidates(
    text: str, cursor: Cursor, context: CompletionContext, diagnosis: Diagnosis | None
) -> tuple[Iterable[Candidate], Cursor]:
    """Return the candidates at the cursor, and the cursor at the text that they replace."""
    if cursor.is_first and cursor.stage and not cursor.directive and cursor.command in context.reserved:
        return context.after_directive(cursor, context), cursor
    upstream = find_upstream(text, cursor, context, diagnosis.line_at(cursor.start) if diagnosis else None)
    if not cursor.stage:
        if cursor.directive in context.reserved.switches and cursor.typed.startswith("@"):
            return references(cursor.typed, None, upstream, context), cursor
        return [*_switches(cursor, context), *_commands(cursor, upstream, context)], cursor
    if cursor.command == SWEEP:
        return of_sweep(cursor, upstream, context)
    spec = context.catalog.get(cursor.command)
    if spec is None:
        return (), cursor
    if spec.is_recipe and (cursor.typed.startswith("-") or "." in cursor.option):
        spec = with_inner_inputs(spec, context.catalog)
    begins = cursor.is_first and upstream.primary is None
    inputs = find_inputs(cursor, upstream.arguments, spec, piped=upstream.is_piped_into(spec), begins=begins)
    field = inputs.next
    if cursor.typed.startswith("@"):
        return references(cursor.typed, field, upstream, context), cursor
    of_option = named(spec, cursor.option)
    axes = of_axis(spec, of_option or field, cursor, upstream)
    if axes is not None:
        return axes
    if of_option is None and cursor.option == WILDCARDS:
        return files(cursor.typed, context, (), True), cursor
    if of_option is not None and (cursor.glued or not is_flag(of_option)):
        return of_value(of_option, cursor, upstream, context)
    if cursor.typed.startswith("-"):
        return _options(_honored(spec, inputs.given, cursor, context), inputs.given), cursor
    if field is not None and field.free_text:
        return (), cursor
    of_field, item = of_value(field, cursor, upstream, context) if field else ([], cursor)
    after = AFTER_VALUES if of_field and field and field.completes != "target" else 0
    options = () if cursor.typed else _options(_honored(spec, inputs.given, cursor, context), inputs.given, after)
    return [*of_field, *options], item


def _honored(spec: InvocationSpec, given: frozenset[str], cursor: Cursor, context: CompletionContext) -> InvocationSpec:
    """Return the command without inputs that have no effect with the stage's model, if that is written or set."""
    words = [token.text for token in cursor.stage]
    model = model_in(words) or context.defaults.get(f"{spec.type}.model", context.defaults.get("model", ""))
    settings = context.settings(model) if model else None
    return honored(spec, settings, given) if settings is not None else spec


def _commands(cursor: Cursor, upstream: Upstream, context: CompletionContext) -> Iterable[Candidate]:
    """Yield the commands, each with the links that it would make."""
    order = {category: place for place, category in enumerate(CATEGORIES)}
    for spec in sorted(context.catalog.values(), key=lambda spec: order.get(spec.category, len(order))):
        links = () if cursor.is_first else upstream.links(spec)
        about = f"{links_text(links)}{GAP}{spec.summary}" if links else spec.summary
        group = int(not _begins(spec)) if cursor.is_first else _rank(spec, upstream)
        also = names_of(spec.type, "commands")
        yield Candidate(spec.type, about, group, also=also, kind="command", links=links)
    if cursor.is_first:
        yield Candidate(SWEEP, SWEEP_SUMMARY, kind="command")
    if cursor.is_first and not cursor.directive:
        directives = context.reserved.summaries.items()
        yield from (
            Candidate(word, about, 2, also=names_of(word, "commands"), kind="directive") for word, about in directives
        )


def _switches(cursor: Cursor, context: CompletionContext) -> Iterable[Candidate]:
    """Yield the options that a directive takes before its line."""
    if cursor.is_first and cursor.typed.startswith("-"):
        switches = context.reserved.switches.get(cursor.directive, {})
        yield from (Candidate(word, about, kind="option") for word, about in switches.items())


def _rank(spec: InvocationSpec, upstream: Upstream) -> int:
    return 0 if upstream.accepted_by(spec) else 1 if upstream.is_piped_into(spec) else 2


def _begins(spec: InvocationSpec) -> bool:
    """Return True if a line can begin with this command without a reference to an earlier result."""
    return not any(f.required and f.type.is_reference and f.default is None for f in spec.inputs)


def _words(context: CompletionContext) -> Iterable[Candidate]:
    for spec in context.catalog.values():
        yield Candidate(spec.type, spec.summary, also=names_of(spec.type, "commands"), kind="command")
    for word, about in context.reserved.summaries.items():
        yield Candidate(word, about, 1, also=names_of(word, "commands"), kind="directive")
    for topic in TOPICS.values():
        yield Candidate(topic.name, topic.summary, 1, also=names_of(topic.name, "topics"), kind="topic")


def _options(spec: InvocationSpec, given: frozenset[str], after: int = 0) -> Iterable[Candidate]:
    """Yield the options not used yet, with type, range, default and purpose."""
    for field in spec.inputs:
        if field.name in given and not list_of(field.type):
            continue
        dashes = "--no-" if is_flag(field) and field.default is True else "--"
        about = f"{facts(field)}{GAP}{field.description}"
        also = tuple(f"--{name}" for name in names_of(field.name, "inputs"))
        word, group = dashes + field.name.replace("_", "-"), after + int(not field.common)
        yield Candidate(word, about, group, also=also, kind="option", field=field)
    common = common_words([field.name for field in spec.inputs])
    yield from (Candidate(word, about, after + 2, kind="option") for word, about in common.items())

"""Read a line as a recipe: its pipeline, and the inputs that `${name}` and `${name=default}` in it stand for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from invocations.catalog.rules import FIELD_WORD, RESERVED
from invocations.frozen import frozen
from invocations.graph.compatible import fits
from invocations.language.errors import LanguageError, Refusal
from invocations.language.parser import parse
from invocations.language.printer import print_tree
from invocations.language.source import Source
from invocations.language.stage_keys import stage_keys
from invocations.language.tokens import SWEEP
from invocations.language.tree import Pipeline
from invocations.spec import InvocationSpec
from workflows.planning.errors import PlanningError
from workflows.planning.lookup import Check
from workflows.planning.read_values import read_text
from workflows.planning.recipe_words import input_name
from workflows.planning.scope import IsFile, no_file
from workflows.values.codecs import ExternalValue
from workflows.values.constraints import with_article

from .stages import InputPlace, RecipePlanner

BOUNDS = {"ge": max, "gt": max, "le": min, "lt": min}
DERIVED = frozenset({"to", "part_of", "default", "required", "given", "position", "free_text", "primary"})
ASKED = "to make it an input of the recipe, write ${NAME} as its value"
Row = dict[str, Any]  # the table of one input in a recipe file


@frozen
class RecipeLine:
    """A line as a recipe: the pipeline as it is stored, and the table of each input.

    variables: the inputs that occur in the pipeline as `${name}`
    """

    pipeline: str
    inputs: Mapping[str, Row]
    variables: frozenset[str]


def read_recipe_line(
    text: str,
    name: str,
    catalog: Mapping[str, InvocationSpec],
    directives: Collection[str] = (),
    *,
    check: Check | None = None,
    is_file: IsFile = no_file,
) -> RecipeLine:
    """Read a line that will be saved as the recipe `name`. Raises: Refusal, with every error of the line."""
    source = Source(None, text)
    pipeline = parse(source)
    errors = [*_sweeps(pipeline), *_circles(pipeline, name, catalog)]
    planner = RecipePlanner(catalog, directives, check, is_file)
    planner.line(pipeline)
    errors = errors or [_with_note(error) for error in planner.errors]
    if errors:
        raise Refusal(errors, source)
    stages = tuple(each.stage for each in planner.read)
    keys = stage_keys(stages)
    places = _by_name([place for each in planner.read for place in each.places])
    inputs: dict[str, Row] = {}
    if planner.piped_input is not None:
        inputs[planner.piped_input.name] = {"to": [f"{keys[0]}.{planner.piped_input.name}"], "primary": True}
    for each, found in places.items():
        try:
            errors += _wrong_name(each, found[0], inputs)
            inputs[each] = _row(each, found, keys)
        except PlanningError as refused:
            errors.append(refused.error)
    if errors:
        raise Refusal(errors, source)
    _place_words(inputs, places, piped=planner.piped_input is not None)
    return RecipeLine(print_tree(Pipeline(stages)), inputs, frozenset(places))


def _with_note(error: LanguageError) -> LanguageError:
    """Return an error with a note on how to make a missing value an input of the recipe."""
    return replace(error, notes=(*error.notes, ASKED)) if error.code == "missing_input" else error


def _sweeps(pipeline: Pipeline) -> Iterator[LanguageError]:
    """Yield an error for each `sweep` stage, because its axes belong to the whole line and not to one stage."""
    for stage in pipeline.stages:
        if stage.command.text == SWEEP:
            hint = "write the values after the options of the stages: --seed 1..4"
            yield LanguageError("sweep_in_recipe", "`sweep` cannot be part of a recipe", stage.command.span, hint)


def _circles(pipeline: Pipeline, name: str, catalog: Mapping[str, InvocationSpec]) -> Iterator[LanguageError]:
    """Yield an error for each stage whose command is the recipe itself, or uses it."""
    for stage in pipeline.stages:
        way = _way(stage.command.text, name, catalog, ())
        if way:
            message = f"a recipe cannot use itself: {' -> '.join((name, *way))}"
            yield LanguageError("recipe_circle", message, stage.command.span, "choose another name for the new recipe")


def _way(command: str, name: str, catalog: Mapping[str, InvocationSpec], before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the chain of commands by which a command uses the recipe `name`, which comes last; () if it does not."""
    if command == name:
        return (*before, command)
    spec = catalog.get(command)
    if spec is None or not spec.is_recipe or command in before:
        return ()
    for stage in parse(Source(None, spec.pipeline)).stages:
        if way := _way(stage.command.text, name, catalog, (*before, command)):
            return way
    return ()


def _by_name(places: Sequence[InputPlace]) -> dict[str, list[InputPlace]]:
    found: dict[str, list[InputPlace]] = {}
    for place in sorted(places, key=lambda place: place.span.start):
        found.setdefault(input_name(place.use), []).append(place)
    return found


def _wrong_name(name: str, place: InputPlace, others: Collection[str]) -> list[LanguageError]:
    message, hint = f"`{place.use.name}` cannot be the name of an input", None
    if name in others:
        message = f"`{name}` is the input that receives what is piped in"
        hint = "choose another name, or begin the line with this input"
    elif name in RESERVED:
        hint = "this name is reserved; choose another"
    elif not FIELD_WORD.fullmatch(name):
        hint = "the names of inputs consist of lowercase letters, digits and underscores"
    else:
        return []
    return [LanguageError("bad_name", message, place.span, hint)]


def _row(name: str, places: Sequence[InputPlace], keys: Sequence[str]) -> Row:
    """Return the table of an input, given every place where it occurs. Raises: PlanningError."""
    whole = [place for place in places if place.whole]
    targets = [f"{keys[place.stage]}.{place.field.name}" for place in whole]
    row: Row = {"to": targets} if whole else {"part_of": f"{keys[places[0].stage]}.{places[0].field.name}"}
    default = _default(name, places)
    if default is not None:
        row["default"] = default
    elif whole and not whole[0].field.required and (len(whole) < len(places) or any(p.field.required for p in whole)):
        row["required"] = True
    for place in whole[1:]:
        _check_type(name, whole[0], place)
    return row | _bounds(whole)


def _default(name: str, places: Sequence[InputPlace]) -> Any:
    """Return the default of an input as plain data, or None. Raises: PlanningError."""
    given = [place for place in places if place.use.default is not None]
    texts = {place.use.default for place in given}
    if len(texts) > 1:
        shown = " and ".join(f"`{place.use.default}`" for place in given[:2])
        raise PlanningError(
            LanguageError("written_twice", f"`{name}` has two defaults, {shown}", given[1].span, "write it only once")
        )
    if not given:
        return None
    whole = [place for place in places if place.whole]
    if not whole:
        return given[0].use.default
    value = read_text(whole[0].field, given[0].use.default or "", given[0].span)
    return value.text if isinstance(value, ExternalValue) else value


def _check_type(name: str, first: InputPlace, other: InputPlace) -> None:
    """Refuse an input that is used for values of two different types. Raises: PlanningError."""
    if not fits(first.field.type, other.field.type):
        takes = (with_article(place.field.type) for place in (first, other))
        message = f"`{name}` is {next(takes)} in `{first.field.name}`, but `{other.field.name}` takes {next(takes)}"
        raise PlanningError(LanguageError("type_mismatch", message, other.span, "use two names"))


def _bounds(whole: Sequence[InputPlace]) -> Row:
    """Return the range of an input that sets inputs of several stages: the values that all of these accept."""
    row: Row = {}
    for bound, strictest in BOUNDS.items():
        values = [limit for place in whole if (limit := getattr(place.field, bound)) is not None]
        if values and strictest(values) != getattr(whole[0].field, bound):
            row[bound] = strictest(values)
    return row


def _place_words(inputs: Mapping[str, Row], places: Mapping[str, Sequence[InputPlace]], *, piped: bool) -> None:
    """Make inputs positional: the free-text input if there is one, otherwise every input written without an option."""
    positional = [name for name, found in places.items() if found[0].is_positional]
    texts = [name for name in positional if places[name][0].field.free_text]
    texts.sort(key=lambda name: "default" in inputs[name])
    for name, found in places.items():
        if any(place.stage == 0 and place.field.primary and place.whole for place in found) and not piped:
            inputs[name]["primary"] = True
    images = [name for name in positional if inputs[name].get("primary") and places[name][0].field.type.is_reference]
    words = [*images, *texts[:1]] if texts else positional
    for position, name in enumerate(words, 1):
        inputs[name]["position"] = position
        if name in texts:
            inputs[name]["free_text"] = True

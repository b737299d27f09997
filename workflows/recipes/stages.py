"""Plan a line that will be saved as a recipe, and find out which input each `${name}` in it stands for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import field, replace
from typing import Any

from invocations.frozen import frozen, mutable
from invocations.graph.linking import Offer, members
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.language.tree import Pipeline, Stage, Word
from invocations.language.variables import Use
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.bind import Binder
from workflows.planning.draft import Content, Draft
from workflows.planning.errors import PlanningError, planning_error
from workflows.planning.link import piped
from workflows.planning.lookup import Check
from workflows.planning.planner import Planner
from workflows.planning.read_values import WrittenInput, read_text
from workflows.planning.recipe_words import input_name, inputs_in, only_input
from workflows.planning.recipes import with_used_options
from workflows.planning.scope import IsFile, Scope, StageOutputs
from workflows.values.positions import looks_like_image

from .stored import as_options, common_options, is_option_value, stored, whole_word

NOWHERE = "an input of the recipe"  # the command of a stage that stands for what is piped into the recipe


@frozen
class InputPlace:
    """A place where a line uses `${name}`.

    stage: the index of the stage
    field: the input that the word belongs to
    whole: whether `${name}` is the whole value of that input
    is_positional: whether it was written without an option
    """

    stage: int
    field: FieldSpec
    use: Use
    span: Span
    whole: bool
    is_positional: bool


@mutable
class StagePlaces:
    """A stage as it is stored in a recipe file, and every place where it uses `${name}`."""

    stage: Stage
    places: list[InputPlace] = field(default_factory=list)


class RecipePlanner(Planner):
    """Plans a line in which `${name}` may stand for a value.

    read: the stages planned so far
    piped_input: the input of the first stage that receives what is piped into the recipe, if there is one
    """

    def __init__(
        self, catalog: Mapping[str, InvocationSpec], directives: Collection[str], check: Check | None, is_file: IsFile
    ) -> None:
        super().__init__(catalog, Scope(), {}, directives, check=check)
        self.is_file = self.builder.is_file = is_file
        self.read: list[StagePlaces] = []
        self.piped_input: FieldSpec | None = None

    def line(self, pipeline: Pipeline) -> None:
        spec = self.catalog.get(pipeline.stages[0].command.text) if pipeline.stages else None
        primary = spec.primary_input if spec is not None else None
        if spec is not None and primary is not None and (pipeline.continues or self.is_open(pipeline.stages[0], spec)):
            self.piped_input = primary
            offer = Offer(0, primary.name, primary.type, NOWHERE, primary.name)
            self.previous = StageOutputs(0, NOWHERE, None, (offer,), offer, self.chain)
        super().line(replace(pipeline, continues=False))

    def is_open(self, stage: Stage, spec: InvocationSpec) -> bool:
        """Return True if the first stage needs an image or another reference that the line does not name."""
        primary = spec.primary_input
        if primary is None or not primary.required or not primary.type.is_reference:
            return False
        binder = self.binder(stage, spec, [], begins=True)
        binder.bind(False, True)
        return primary.name not in binder.inputs and primary.name not in binder.draft.contents

    def binder(self, stage: Stage, spec: InvocationSpec, errors: list[LanguageError], *, begins: bool) -> _FieldBinder:
        primary = spec.primary_input

        def is_file(path: str) -> bool:
            use = only_input(Word(path))
            named = use is not None and primary is not None and input_name(use) == primary.name
            return self.is_file(path) or named or (use is not None and looks_like_image(use.default or ""))

        return _FieldBinder(stage, spec, self.references, errors, self.is_used, begins, is_file, is_file)

    def draft(self, stage: Stage, spec: InvocationSpec, given: Mapping[str, Content]) -> Draft:
        """Return the draft of a stage; a `${name}` without a default is treated as a value that fits."""
        placed = StagePlaces(stage)
        self.read.append(placed)
        if not any(inputs_in(word) for word in _words(stage)):
            return super().draft(stage, spec, given)
        spec = with_used_options(spec, stage, given, self.catalog)
        errors: list[LanguageError] = []
        binder = self.binder(stage, spec, errors, begins=self.begins)
        draft = binder.bind(piped(spec, self.previous.primary if self.previous else None), True)
        if errors:
            self.errors += errors
            self.lost = True
            return draft
        contents = dict(given)
        for written in binder.inputs.values():
            try:
                contents |= self.contents(written, placed)
            except PlanningError as refused:
                errors.append(refused.error)
        errors += _misplaced(stage, placed)
        if errors:  # planning would only report the inputs of the refused values as missing
            self.errors += errors
            draft.whole, self.lost = False, True
            return draft
        placed.stage = stored(stage, [*binder.inputs.values()], draft.name)
        constant = [
            each for each in binder.inputs.values() if not any(_is_part(each, place) for place in placed.places)
        ]
        arguments = (*as_options(constant), *common_options(stage, [*binder.inputs.values()]))
        return super().draft(replace(stage, arguments=arguments, end_of_options=None, name=draft.name), spec, contents)

    def contents(self, written: WrittenInput, placed: StagePlaces) -> dict[str, Content]:
        """Return what fills an input whose value contains `${name}`, and record the places. Raises: PlanningError."""
        word = whole_word(written)
        uses = inputs_in(word) if word is not None else []
        if not uses or word is None:
            return {}
        target, whole = written.field, only_input(word) is not None
        is_positional = written.free_text or written.paths or not is_option_value(written, placed.stage)
        for use in uses:
            placed.places.append(InputPlace(len(self.read) - 1, target, use, _span(use, written), whole, is_positional))
        if not whole and not _takes_text(target):
            message = f"`{uses[0].text}` must be the whole value of `{target.name}`, not a part of it"
            raise planning_error("bad_value", message, placed.places[-1].span)
        (use, *_), span = uses, placed.places[-1].span
        if whole and use.default is None:
            if not target.required:
                return {}
            if target.given == "written" and any(each.base == "str" for each in members(target.type)):
                return {target.name: Content(use.name, "written", span)}
            return {target.name: Content(Offer(0, target.name, target.type, NOWHERE, target.name), "written", span)}
        value = _read_default(target, use, span) if whole else read_text(target, _with_defaults(word.text, uses), span)
        return {target.name: Content(value, "written", span)}


class _FieldBinder(Binder):
    """Finds the input that each word belongs to, without reading the words as values."""

    def keep(self, found: WrittenInput) -> None:
        pass


def _read_default(target: FieldSpec, use: Use, span: Span) -> Any:
    """Return the default of an input. Raises: PlanningError."""
    text = use.default or ""
    try:
        return read_text(target, text, span)
    except PlanningError as refused:
        from workflows.planning.sweeps.hints import takes  # imported on demand: few defaults are wrong

        if not takes(target, text):
            raise
        name = use.name
        later = f"write ${{{name}}}, and --{name} {text} where the recipe is used"
        hint = f"a default is one value; for the same values each time, write {text}; otherwise, {later}"
        raise PlanningError(replace(refused.error, hint=hint)) from None


def _words(stage: Stage) -> list[Word]:
    return [each.value for each in stage.arguments if isinstance(each.value, Word)]


def _span(use: Use, written: WrittenInput) -> Span:
    """Return the place of `${name}` in the line, or of the whole value if the text contains escapes."""
    (first, *others), span = written.values, written.span
    begin = span.start + (1 if isinstance(first, Word) and first.quote else 0)
    exact = not others and isinstance(first, Word) and span.end - span.start == len(first.text) + 2 * bool(first.quote)
    return Span(begin + use.start, begin + use.end) if exact else span


def _takes_text(target: FieldSpec) -> bool:
    kinds = [each.args[0] if each.base == "list" else each for each in members(target.type)]
    return any(each.base in ("str", "any", "color", "enum") or each.is_reference for each in kinds)


def _with_defaults(text: str, uses: list[Use]) -> str:
    """Return a string with each `${name=default}` replaced by its default, and each `${name}` by its name."""
    pieces, at = [], 0
    for use in uses:
        pieces += [text[at : use.start], use.default if use.default is not None else use.name]
        at = use.end
    return "".join([*pieces, text[at:]])


def _is_part(written: WrittenInput, place: InputPlace) -> bool:
    return written.field.name == place.field.name


def _misplaced(stage: Stage, placed: StagePlaces) -> list[LanguageError]:
    """Return an error for each `${name}` that belongs to no input, such as one after `--link`."""
    known = {input_name(place.use) for place in placed.places}
    return [
        LanguageError("bad_value", f"`{use.text}` is not the value of an input", word.span)
        for word in _words(stage)
        for use in inputs_in(word)
        if input_name(use) not in known
    ]

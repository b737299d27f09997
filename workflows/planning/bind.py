"""Bind the arguments of a stage to the inputs of its command; the interactive prompt and scripts share these rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.language.tokens import AS, is_name
from invocations.language.tree import Option, Positional, Reference, Stage, Value, Word
from invocations.spec import FieldSpec, InvocationSpec
from workflows.values.positions import image_input, list_of, positional, source_of_many

from .draft import Content, Draft, is_flag, option
from .errors import PlanningError, planning_error
from .link_options import LINK_OPTIONS, SWEEP_OPTIONS, link_option, twice
from .read_values import WrittenInput, read
from .references import References
from .scope import IsFile, IsUsed, no_file, unused


def bind(
    stage: Stage,
    spec: InvocationSpec,
    references: References,
    *,
    piped: bool,
    fits: bool = True,
    errors: list[LanguageError],
    is_used: IsUsed = unused,
    begins: bool = False,
    is_file: IsFile = no_file,
    is_image: IsFile = no_file,
) -> Draft:
    """Return the draft of a stage with the inputs that its arguments set; errors are added to `errors`.

    piped: whether an output is piped into the primary input, which positional arguments then skip
    fits: whether the piped output fits the primary input; if not (a list is piped into a single value), positional
        arguments fill the primary input too if there are enough of them
    is_used: whether a later stage refers to this one by a name
    begins: whether the stage begins its line and its first words may be image paths
    is_file: returns whether a path names an existing file
    is_image: returns whether a path names an existing image, whatever its suffix
    """
    return Binder(stage, spec, references, errors, is_used, begins, is_file, is_image).bind(piped, fits)


def find_field(spec: InvocationSpec, written: Option) -> FieldSpec | None:
    """Return the input that an option names, or None if there is none."""
    if written.short:
        return next((field for field in spec.inputs if field.short == written.name), None)
    return spec.input(written.name) or spec.input(written.name.replace("-", "_"))


class Binder:
    """Binds the arguments of one stage to inputs and collects errors."""

    def __init__(
        self,
        stage: Stage,
        spec: InvocationSpec,
        references: References,
        errors: list[LanguageError],
        is_used: IsUsed,
        begins: bool,
        is_file: IsFile,
        is_image: IsFile,
    ) -> None:
        self.stage, self.spec, self.references, self.errors = stage, spec, references, errors
        self.is_used, self.begins, self.is_file, self.is_image = is_used, begins, is_file, is_image
        self.draft = Draft(stage, spec, name=stage.name, is_file=is_file)
        self.inputs: dict[str, WrittenInput] = {}
        self.runs: list[list[Value]] = [[]]

    def bind(self, piped: bool, fits: bool) -> Draft:
        at = 0
        while at < len(self.stage.arguments):
            argument = self.stage.arguments[at]
            if isinstance(argument, Positional):
                self.runs[-1].append(argument.value)
                at += 1
            else:
                self.runs.append([])
                at = self.attempt(self.option, argument, at + 1) or at + 1
        self.attempt(self.positionals, piped, fits)
        for found in self.inputs.values():
            self.attempt(self.keep, found)
            if found.field.name not in self.draft.contents:
                self.draft.refused[found.field.name] = found.span
        return self.draft

    def attempt(self, step: Callable[..., int | None], *arguments: Any) -> int | None:
        """Call one step of the binding and collect its error, so that all errors of the stage are reported at once."""
        try:
            return step(*arguments)
        except PlanningError as refused:
            self.errors.append(refused.error)
            self.draft.whole = False
            return None

    def keep(self, found: WrittenInput) -> None:
        if found.field.name in self.draft.contents:
            raise twice(found.field, found.span)
        content = self.axis(found) or read(found, self.references, command=self.spec.type)
        self.draft.contents[found.field.name] = content

    def axis(self, found: WrittenInput) -> Content | None:
        """Return the content of an input that takes one value, but has several; otherwise None."""
        if found.free_text or found.paths or list_of(found.field.type):
            return None
        first = found.values[0]
        if len(found.values) == 1 and not (isinstance(first, Word) and first.may_be_each):
            return None
        from .sweeps.written import axis  # imported on demand: few inputs have several values

        return axis(found, self.references, command=self.spec.type, is_file=self.is_file)

    def option(self, written: Option, after: int) -> int:
        """Bind an option and its value; return the index of the next argument. Raises: PlanningError."""
        field = find_field(self.spec, written)
        if written.short and written.value is not None:
            from .unknown_words import single_hyphen

            if (wrong := single_hyphen(self.spec, written, self.stage.arguments[after:])) is not None:
                raise PlanningError(wrong)
        if field is not None and is_flag(field):
            self.add_value(field, written.value or Word("yes", "", written.name_span), written.span)
            return after
        if field is not None:
            value, after = self.value_of(written, after, option(field) if not written.short else f"-{written.name}")
            if written.short and field.completes == "prompt":
                from .reading_notes import notes_on_short  # imported on demand: few lines need it

                self.draft.notes += notes_on_short(written, field, value)
            if isinstance(value, Word) and value.text[-1:] == ",":
                from .split_values import join_at_commas  # imported on demand: few values end in a comma

                value, after = join_at_commas(self.draft, field, value, after, self.errors)
            self.add_value(field, value, written.span)
            return after
        negated = self.negated(written)
        if negated is not None:
            if written.value is not None:
                message = f"`--{written.name}` takes no value"
                raise planning_error(
                    "unwanted_value", message, written.span, f"write `--{written.name}` or `{option(negated)}`"
                )
            self.add_value(negated, Word("no", "", written.name_span), written.span)
            return after
        if not written.short and written.name in LINK_OPTIONS:
            return link_option(self.draft, self.references, written, after)
        if not written.short and written.name in SWEEP_OPTIONS:
            from .sweeps.options import sweep_option  # imported on demand: few lines have a sweep

            return sweep_option(self.draft, written, after)
        from .unknown_words import unknown_option  # imported on demand: most lines have no unknown words

        self.errors.append(unknown_option(self.spec, written))
        self.draft.whole = False
        return after + self.may_have_value(written, after)

    def may_have_value(self, written: Option, after: int) -> int:
        """Return how many words after an unknown option to skip: 1 if the next word may be its value, otherwise 0."""
        arguments = self.stage.arguments
        if written.value is not None or after >= len(arguments) or after == self.stage.end_of_options:
            return 0
        return int(isinstance(arguments[after], Positional))

    def negated(self, written: Option) -> FieldSpec | None:
        """Return the flag that `--no-NAME` turns off, or None."""
        if written.short or not written.name.startswith("no-"):
            return None
        field = self.spec.input(written.name[3:].replace("-", "_"))
        return field if field is not None and is_flag(field) else None

    def value_of(self, written: Option, after: int, shown: str) -> tuple[Value, int]:
        if written.value is not None:
            return written.value, after
        arguments = self.stage.arguments
        follows = arguments[after] if after < len(arguments) and after != self.stage.end_of_options else None
        if isinstance(follows, Positional):
            return follows.value, after + 1
        from .unknown_words import missing_value  # imported on demand: most options have a value

        stray = follows if isinstance(follows, Option) and find_field(self.spec, follows) is None else None
        raise PlanningError(missing_value(shown, find_field(self.spec, written), written.span, stray))

    def add_value(self, field: FieldSpec, value: Value, span: Span) -> None:
        """Record a value for an input. Raises: PlanningError, if the input accepts no more values."""
        found = self.inputs.get(field.name)
        if found is None:
            self.inputs[field.name] = WrittenInput(field, [value])
        elif list_of(field.type):
            found.values.append(value)
        else:
            from .sweeps.written import check_repeatable  # imported on demand: few options are repeated

            check_repeatable(field, span)
            found.values.append(value)

    def positionals(self, piped: bool, fits: bool) -> None:
        """Assign positional arguments to inputs, in order. Raises: PlanningError, if there are too many."""
        self.sources()
        if not piped:
            self.images()
        slots = positional(self.spec)
        free = [f for f in slots if not self.is_filled(f) and not (piped and f.primary)]
        if not fits and sum(map(len, self.runs)) > len(free) and not any(f.free_text or list_of(f.type) for f in free):
            self.images()
            free = [f for f in slots if not self.is_filled(f)]
        every = [f.name for f in free]
        for run in self.runs:
            at = 0
            while at < len(run):
                if not free and not self.draft.whole:
                    return
                if not free:
                    raise self.surplus(run[at], every, slots, piped)
                field = free[0]
                if field.free_text and not (isinstance(run[at], Reference) and at + 1 == len(run)):
                    words = self.text(run[at:], ends=run is self.runs[-1])
                    self.inputs[field.name] = WrittenInput(free.pop(0), words, free_text=True)
                    break
                self.add_value(field, run[at], run[at].span)
                at += 1
                if not (len(free) == 1 and list_of(field.type)):
                    free.pop(0)

    def sources(self) -> None:
        """Assign several paths to the input of a loader that accepts several."""
        source = source_of_many(self.spec)
        words = [value for run in self.runs for value in run]
        if source is None or self.is_filled(source) or len(words) < 2 or not all(isinstance(w, Word) for w in words):
            return
        self.inputs[source.name] = WrittenInput(source, words, paths=True)
        self.runs = [[]]

    def images(self) -> None:
        """Assign leading paths of images to the primary input. Raises: PlanningError, if an image is missing."""
        primary = image_input(self.spec)
        if primary is None or not (self.begins or primary.position) or self.is_filled(primary):
            return
        from .leading_images import begins_with, leading_images  # imported on demand: most lines need none

        run = next((run for run in self.runs if run), [])
        words = [value for run in self.runs for value in run] if list_of(primary.type) else run
        count = leading_images(self.spec, words, self.is_file)
        if count:
            self.inputs[primary.name] = WrittenInput(primary, words[:count], paths=True)
            self.runs = [[]] if list_of(primary.type) else [each[count:] if each is run else each for each in self.runs]
        elif words and self.begins:
            raise begins_with(self.spec, words[0])

    def is_filled(self, field: FieldSpec) -> bool:
        return field.name in self.inputs or field.name in self.draft.contents

    def text(self, words: list[Value], *, ends: bool) -> list[Value]:
        """Return the words of a free-text value; `as NAME` after them names the stage only if a later `@NAME` occurs.

        ends: whether the words are the last ones in the stage
        """
        from .reading_notes import notes_on_text

        self.draft.notes += notes_on_text(words, self.is_image)
        stage, last = self.stage, words[-1]
        if ends and stage.name is not None and not stage.as_option:
            named = [*words, Word(AS, "", stage.name_span), Word(stage.name, "", stage.name_span)]
        elif self.draft.name is None and len(words) > 2 and _is_bare(words[-2], AS) and _is_bare(last):
            named = words
        else:
            self.draft.texts += [last.span] if _is_bare(last, AS) else []
            return words
        name = named[-1]
        assert isinstance(name, Word)
        if is_name(name.text) and self.is_used(name.text):
            self.draft.name = name.text
            return named[:-2]
        self.draft.name, self.draft.unnamed = None, name.text if is_name(name.text) else None
        self.draft.texts.append(name.span)
        return named

    def surplus(self, value: Value, every: list[str], slots: list[FieldSpec], piped: bool) -> PlanningError:
        """Return the error for a positional argument that has no input. every: all inputs that take such an argument"""
        from .split_values import given_twice, split_value
        from .surplus_words import surplus_word  # imported on demand: most arguments have an input

        text = next((found.field.name for found in self.inputs.values() if found.free_text), "")
        error = split_value(self.draft, self.inputs, value, text)
        for slot in slots:
            error = error or (given_twice(self.draft, self.inputs, value, slot.name) if slot.free_text else None)
        if error is not None:
            return PlanningError(error)
        return surplus_word(self.stage, self.spec, value, every, slots, piped=piped, text=text)


def _is_bare(value: Value, text: str = "") -> bool:
    """Whether a value is a word without quotes; if `text` is given, the word must also equal it."""
    return isinstance(value, Word) and not value.quote and text in ("", value.text)

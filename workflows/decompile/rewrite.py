"""Change the tree of a line: renumber stages, write inputs, escape strings that look like variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from invocations.frozen import frozen
from invocations.language.errors import Refusal
from invocations.language.parser import parse
from invocations.language.printer import as_word, marks, print_tree, print_value
from invocations.language.script import split_script
from invocations.language.source import Source
from invocations.language.tokens import AS
from invocations.language.tree import Argument, Option, Pipeline, Positional, Reference, Stage, Value, Word
from invocations.language.variables import substitute, uses
from invocations.sessions.session import SessionStage
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.draft import is_flag
from workflows.planning.link_options import LINK_OPTIONS

from .stage import named, text_of, word_of

DOLLAR: Final = "dollar"  # a script variable with the value `$`, to escape strings that look like variables


@frozen
class ScriptedLine:
    """A line of a script, and the defaults that are set for this line only."""

    text: str
    sets: Mapping[str, str]

    def lines(self) -> tuple[str, ...]:
        """Return the `set` lines for the defaults, the line itself, and the `unset` lines."""
        words = {name: print_value(escape(as_word(text))) for name, text in self.sets.items()}
        before = [f"set {name} {word}" for name, word in words.items()]
        return (*before, self.text, *(f"unset {name}" for name in words))


def script_text(tree: Pipeline, typed: str) -> str:
    """Return the script line for a tree: the typed text if it is a single line with the same meaning in a script.

    Otherwise the tree is printed, with strings that look like variables escaped.
    """
    return typed.strip() if _is_kept(tree, typed) else print_tree(escape_variables(tree))


def _is_kept(tree: Pipeline, typed: str) -> bool:
    if any(uses(typed)) or "\r" in typed or typed.endswith("\\"):
        return False
    try:
        same = parse(Source(None, typed)) == tree
    except Refusal:
        return False
    return same and [each.source.text for each in split_script(Source(None, typed))] == [typed]


def with_recorded_names(
    pipeline: Pipeline, recorded: Sequence[SessionStage], catalog: Mapping[str, InvocationSpec]
) -> Pipeline:
    """Return a line in which `--as NAME` names each free-text stage that had a name when the line ran."""
    if len(recorded) != len(pipeline.stages):
        return pipeline
    pairs = zip(pipeline.stages, recorded, strict=True)
    return replace(pipeline, stages=tuple(_named_as(stage, each.name, catalog) for stage, each in pairs))


def _named_as(stage: Stage, name: str | None, catalog: Mapping[str, InvocationSpec]) -> Stage:
    spec = catalog.get(stage.command.text)
    if spec is None or stage.name is None or stage.as_option:
        return stage
    if name == stage.name:
        return stage if _ends_in_option(stage, spec) else named(stage, spec, name)
    words = (Positional(Word(AS, '"')), Positional(Word(stage.name)))
    return replace(stage, arguments=(*stage.arguments, *words), name=None)


def _ends_in_option(stage: Stage, spec: InvocationSpec) -> bool:
    """Whether the last argument is an option or its value, after which `as NAME` is never read as text."""
    *before, last = (None, *stage.arguments)
    if isinstance(last, Option):
        return True
    option = before[-1] if before else None
    return isinstance(option, Option) and not option.glued and not _is_flag(option, spec)


def _is_flag(option: Option, spec: InvocationSpec) -> bool:
    field = _named(option, spec)
    return field is None or is_flag(field)


def renumber(pipeline: Pipeline, first: int, new_first: int, numbers: Mapping[int, int]) -> Pipeline:
    """Return a line in which references use the new numbers of stages.

    first, new_first: the old and the new number of the line's own first stage
    numbers: maps the old numbers of earlier stages to new ones
    """
    stages = []
    for place, stage in enumerate(pipeline.stages):
        own, new_own = first + place, new_first + place

        def value(given: Value, own: int = own, new_own: int = new_own) -> Value:
            if not isinstance(given, Reference) or isinstance(given.name, str):
                return given
            return replace(given, name=_number(given.name, own, new_own, numbers, first, new_first))

        stages.append(replace(stage, arguments=_links(tuple(_with(each, value) for each in stage.arguments), value)))
    return replace(pipeline, stages=tuple(stages))


def _number(name: int, own: int, new_own: int, numbers: Mapping[int, int], first: int, new_first: int) -> int:
    old = name if name > 0 else own + name
    new = old - first + new_first if old >= first else numbers.get(old, old)
    return new if name > 0 else new - new_own


def _links(arguments: tuple[Argument, ...], value: Callable[[Value], Value]) -> tuple[Argument, ...]:
    """Return the arguments with the NODE of `--link` and `--link-node` renumbered if it is a number without `@`."""
    found = list(arguments)
    for at, each in enumerate(found):
        node = found[at + 1] if at + 1 < len(found) else None
        if not isinstance(each, Option) or not LINK_OPTIONS.get(each.name) or not isinstance(node, Positional):
            continue
        word = node.value
        digits = word.text.removeprefix("-") if isinstance(word, Word) else ""
        if isinstance(word, Word) and digits.isascii() and digits.isdigit() and len(digits) < 10:
            new = value(Reference(int(word.text)))
            assert isinstance(new, Reference)
            found[at + 1] = replace(node, value=replace(word, text=str(new.name)))
    return tuple(found)


def with_input(stage: Stage, spec: InvocationSpec, field: FieldSpec, value: object) -> Stage:
    """Return a stage with one input set to a value, which replaces any earlier value. Raises: NoText."""
    dashed = field.name.replace("_", "-")
    new: list[Argument]
    if is_flag(field) and isinstance(value, bool):
        new = [Option(dashed if value else f"no-{dashed}")]
    else:
        new = [Option(dashed), Positional(word_of(text_of(field, value)))]
    end = stage.end_of_options if stage.end_of_options is not None else len(stage.arguments)
    before = _without(stage.arguments[:end], spec, field)
    after = stage.arguments[end:]
    ended = None if stage.end_of_options is None else len(before) + len(new)
    return replace(stage, arguments=(*before, *new, *after), end_of_options=ended)


def _without(arguments: tuple[Argument, ...], spec: InvocationSpec, field: FieldSpec) -> list[Argument]:
    kept: list[Argument] = []
    waiting = list(arguments)
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, Option) or _named(each, spec) is not field:
            kept.append(each)
        elif not each.glued and not is_flag(field) and waiting and isinstance(waiting[0], Positional):
            waiting.pop(0)
    return kept


def _named(option: Option, spec: InvocationSpec) -> FieldSpec | None:
    if option.short:
        return next((field for field in spec.inputs if field.short == option.name), None)
    name = option.name.replace("-", "_")
    return spec.input(name) or spec.input(name.removeprefix("no_"))


def escape_variables(pipeline: Pipeline) -> Pipeline:
    """Return a line in which all strings that a script would read as variables, such as `${name}`, are escaped."""
    stages = (
        replace(stage, arguments=tuple(_with(each, escape) for each in stage.arguments)) for stage in pipeline.stages
    )
    return replace(pipeline, stages=tuple(stages))


def join_lines(text: str, after: str) -> str:
    """Join a line and the line that continues it."""
    line, continuation = parse(Source(None, text)), parse(Source(None, after))
    return print_tree(replace(line, stages=(*line.stages, *continuation.stages)))


def escape(value: Value) -> Value:
    """Return a value, escaped if a script would read a variable in it."""
    if not isinstance(value, Word) or value.quote == "'" or not any(uses(value.text)):
        return value
    if set(marks(value.text)) <= {*value.literals}:
        return value
    if not any(char in value.text for char in "'\n\t"):
        return replace(value, quote="'")
    text = substitute(value.text, lambda name: f"${{{DOLLAR}}}{{{name}}}")
    return replace(value, text=text, quote='"')


def _with(argument: Argument, value: Callable[[Value], Value]) -> Argument:
    if isinstance(argument, Positional):
        return replace(argument, value=value(argument.value))
    return argument if argument.value is None else replace(argument, value=value(argument.value))

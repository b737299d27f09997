"""The error for a positional argument that has no input."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.graph.linking import members
from invocations.language.ranges import read_number
from invocations.language.tree import Option, Positional, Stage, Value, Word
from invocations.spec import FieldSpec, InvocationSpec

from .draft import is_flag, option
from .errors import PlanningError, listed, planning_error
from .sweeps.hints import takes


def surplus_word(
    stage: Stage,
    spec: InvocationSpec,
    value: Value,
    every: Sequence[str],
    slots: Sequence[FieldSpec],
    *,
    piped: bool,
    text: str,
) -> PlanningError:
    """Return the error for a positional argument that no input of a stage takes.

    every: the inputs that take such an argument, without the piped input if `piped`. slots: all positional inputs
    text: the input that took the words before an option as its text, or ""
    """
    shown = value.text if isinstance(value, Word) else str(value)
    special = _after_flag(stage, spec, value) or _in_a_shell(shown) or _random_seeds(stage, spec, value)
    hint = special or _hint(every, slots, piped=piped, text=text)
    if not slots and isinstance(value, Word):
        hint = _option_for(spec, value.text) or hint
    return planning_error("surplus_word", f"`{spec.type}` has no input for `{shown}`", value.span, hint)


def _hint(every: Sequence[str], slots: Sequence[FieldSpec], *, piped: bool, text: str) -> str | None:
    primary = next((slot for slot in slots if slot.primary), None)
    if text:
        return f"`{text}` ends at the first option after it: put all its words before that option"
    if piped and primary is not None:
        return f"`{primary.name}` is piped in; to set it instead: {option(primary)} VALUE"
    if every:
        count = "one positional argument" if len(every) == 1 else f"{len(every)} positional arguments"
        return f"it takes {count}: {listed(name.upper() for name in every)}"
    return None if slots else "it takes no positional arguments, only options"


def _in_a_shell(text: str) -> str | None:
    """Return a hint for `> FILE`, which redirects output in a shell, or None."""
    return "to save the image, write: | save FILE" if text in (">", ">>") else None


def _random_seeds(stage: Stage, spec: InvocationSpec, value: Value) -> str | None:
    """Return a hint for `--seed 4 x`, which may be meant as four random seeds, or None."""
    arguments = [argument.value for argument in stage.arguments]
    at = next((n for n, each in enumerate(arguments) if each is value), 0)
    before = arguments[at - 1] if at else None
    if not isinstance(value, Word) or value.text.lower() != "x" or not isinstance(before, Word):
        return None
    field = next((field for field in spec.inputs if field.seed), None)
    return (
        f"for {before.text} random seeds, write {option(field)} {before.text}x"
        if (field is not None and before.text.isdecimal())
        else None
    )


def _option_for(spec: InvocationSpec, text: str) -> str | None:
    """Return a hint with the first option that takes a number, if a command without positional inputs has one."""
    fields = [field for field in spec.inputs if any(each.base in ("int", "float") for each in members(field.type))]
    field = next((each for each in fields if read_number(text) is not None and takes(each, text)), None)
    return f"it takes only options, such as {option(field)} {text}" if field is not None else None


def _after_flag(stage: Stage, spec: InvocationSpec, value: Value) -> str | None:
    """Return a hint for several values after a flag, which takes values only after `=`; otherwise None."""
    if not isinstance(value, Word) or not value.may_be_each:
        return None
    places = [argument.value.span if isinstance(argument, Positional) else None for argument in stage.arguments]
    before = stage.arguments[places.index(value.span) - 1] if value.span in places[1:] else None
    field = spec.input(before.name.replace("-", "_")) if isinstance(before, Option) else None
    return f"for both values, write {option(field)}=yes,no" if field is not None and is_flag(field) else None

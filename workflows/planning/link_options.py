"""The options that every command takes: `--link`, `--link-node`, `--no-link` and `--no-cache`."""

from __future__ import annotations

from dataclasses import replace

from invocations.graph.linking import accepts
from invocations.language.source import Span
from invocations.language.tree import Option, Positional, Reference, Value, Word
from invocations.spec import FieldSpec

from .draft import Content, Draft
from .errors import PlanningError, listed, planning_error
from .references import References, check_fits, output_of
from .scope import StageOutputs

LINK_OPTIONS = {"link": 3, "link-node": 1, "no-link": 0, "no-cache": 0}  # how many values each option takes
SWEEP_OPTIONS = {"zip": 1, "zip-short": 1, "vary": 1, "dynamic": 0, "wildcards": 1}  # see `sweeps.options`


def link_option(draft: Draft, references: References, written: Option, after: int) -> int:
    """Bind `--no-link`, `--no-cache`, `--link NODE OUTPUT INPUT` or `--link-node NODE`.

    after: the index of the argument after the option
    Returns the index of the argument after the option's values. Raises: PlanningError.
    """
    count = LINK_OPTIONS[written.name]
    if count == 0:
        if written.value is not None:
            raise planning_error("unwanted_value", f"`--{written.name}` takes no value", written.span)
        if written.name == "no-link":
            draft.links = False
        else:
            draft.reuse = False
        return after
    words: list[Value] = [] if written.value is None else [written.value]
    for argument in draft.stage.arguments[after : after + count - len(words)]:
        if isinstance(argument, Positional):
            words.append(argument.value)
    if len(words) < count:
        takes = "NODE OUTPUT INPUT" if count == 3 else "NODE"
        message = f"`--{written.name}` needs {count} values" if count > 1 else f"`--{written.name}` needs a value"
        raise planning_error("missing_value", message, written.span, f"--{written.name} takes {takes}")
    if isinstance(words[0], Reference) and words[0].each:
        message = f"`--{written.name}` takes a stage, not each item of a list"
        raise planning_error("misplaced_each", message, words[0].span, f"write {replace(words[0], each=False)}")
    placed = references.stage(_node(words[0]), words[0].span)
    if count == 1:
        _link_node(draft, placed, words[0].span)
    else:
        _link(draft, placed, words[1], words[2])
    return after + count - (written.value is not None)


def twice(field: FieldSpec, span: Span) -> PlanningError:
    """Return the error for an input that is set more than once."""
    return planning_error("written_twice", f"`{field.name}` is given twice", span, "it takes one value")


def _link(draft: Draft, placed: StageOutputs, output: Value, target: Value) -> None:
    name = _text(target)
    field = draft.spec.input(name.replace("-", "_"))
    if field is None:
        names = [field.name for field in draft.spec.inputs]
        from workflows.synonyms.table import suggestion  # imported on demand: most inputs are known

        hint = suggestion(name, "inputs", names, f"its inputs are {listed(f'`{each}`' for each in names)}")
        raise planning_error("unknown_option", f"`{draft.spec.type}` has no input `{name}`", target.span, hint)
    if field.name in draft.contents:
        raise twice(field, target.span)
    offer = output_of(placed, _text(output), output.span)
    check_fits(offer, field, Span(output.span.start, target.span.end), command=draft.spec.type)
    draft.contents[field.name] = Content(offer, "written", target.span)


def _link_node(draft: Draft, placed: StageOutputs, span: Span) -> None:
    """Link each output of a stage to the input of the same name; if none fits, link the primary output and input."""
    made = False
    for offer in placed.offers:
        field = draft.spec.input(offer.name)
        if field is not None and accepts(field, offer):
            draft.contents[field.name] = Content(offer, "written", span)
            made = True
    primary = draft.spec.primary_input
    if not made and primary is not None and placed.primary is not None and accepts(primary, placed.primary):
        draft.contents[primary.name] = Content(placed.primary, "written", span)
        made = True
    if not made:
        message = f"`{placed.command}` has no output that `{draft.spec.type}` takes"
        hint = f"its outputs are {listed(f'{offer.name} ({offer.type})' for offer in placed.offers)}"
        raise planning_error("type_mismatch", message, span, hint if placed.offers else None)


def _text(value: Value) -> str:
    return value.text if isinstance(value, Word) else str(value.name)


def _node(value: Value) -> str | int:
    """Return the number or name of the stage that NODE refers to: `3`, `-1` or `fox`, with or without an `@`."""
    if isinstance(value, Reference):
        return value.name
    digits = value.text.removeprefix("-")
    return int(value.text) if digits.isascii() and digits.isdigit() and len(digits) < 10 else value.text

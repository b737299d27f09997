"""A line as forms: for each stage its inputs, each with its value, where that comes from, and its place in the text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from invocations.language.declarations import read_declarations
from invocations.language.source import Span
from invocations.language.tokens import SWEEP
from invocations.language.tree import Argument, Option, Stage
from workflows.completion.inputs import named
from workflows.planning.draft import Content, Draft, is_flag
from workflows.planning.link_options import LINK_OPTIONS
from workflows.values.codecs import ExternalValue

from .json_values import json_value, place

if TYPE_CHECKING:
    from invocations.graph.linking import Offer
    from invocations.spec import FieldSpec, InvocationSpec
    from workflows.decompile.flatten import ExposedInputs
    from workflows.planning.build import PlannedValue
    from workflows.planning.plan_line import LineAnalysis

Data = dict[str, Any]
TYPED: Final = "typed"  # the value is written in the line
LINKED: Final = "linked"  # a result is linked, whether or not that is written
ORIGINS: Final = {"written": TYPED, "sweep": TYPED, "each": TYPED, "recipe": "default"}


def forms_of(text: str, begin: int, analysis: LineAnalysis, exposed: ExposedInputs, first: int) -> list[Data]:
    """Return the form of each stage of a planned line.

    begin: where the line starts in the text
    first: the number of its first stage
    """
    drafts = {draft.stage.span: draft for draft in analysis.drafts}
    settled = _settled(analysis, exposed)
    names = {outputs.number: outputs.name for outputs in analysis.outputs}
    found = []
    for number, stage in enumerate(analysis.pipeline.stages, first):
        draft = drafts.get(stage.span)
        form: Data = {
            "stage": number,
            "command": stage.command.text,
            "name": names.get(number),
            "span": place(stage.span, begin),
            "insert": begin + insertion(stage, draft),
            "known": draft is not None or stage.command.text == SWEEP,
        }
        if draft is not None:
            values = settled.get(number, {})
            inputs = [_input(text, begin, draft, field, values.get(field.name), number) for field in draft.spec.inputs]
            form |= {"links": draft.links, "inputs": inputs}
        else:
            form |= {"links": False, "inputs": _declared(text, begin, stage) if form["known"] else []}
        found.append(form)
    return found


def insertion(stage: Stage, draft: Draft | None) -> int:
    """Return where an option can be inserted in a line: at the end of the stage, but before `--` and `as NAME`."""
    before = stage.arguments
    if stage.end_of_options is not None:
        before = stage.arguments[: stage.end_of_options]
    elif draft is None or draft.name is None or stage.as_option or stage.name is None:
        return stage.span.end
    return max([stage.command.span.end, *(each.span.end for each in before)])


def arguments_at(stage: Stage, spec: InvocationSpec, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the places of the arguments that contain the values at `spans`, each with its option."""
    for span in spans:
        inside = [at for at, each in enumerate(stage.arguments) if _overlaps(each.span, span)]
        if not inside:
            continue
        first, last = inside[0], inside[-1]
        linking = next(
            (at for at in range(max(first - LINK_OPTIONS["link"], 0), first) if _is_link(stage.arguments[at])), None
        )
        if linking is not None:
            first, last = linking, min(linking + LINK_OPTIONS["link"], len(stage.arguments) - 1)
        elif first and _takes_next(stage.arguments[first - 1], spec):
            first -= 1
        yield Span(stage.arguments[first].span.start, max(stage.arguments[last].span.end, span.end))


def _input(text: str, begin: int, draft: Draft, field: FieldSpec, settled: PlannedValue | None, number: int) -> Data:
    content = draft.contents.get(field.name)
    span = draft.refused.get(field.name)
    if content is None and span is None:
        return _left_open(field, settled)
    data: Data = {"name": field.name, "value": None, "origin": TYPED, "span": None}
    if content is not None:
        written = content.span is not None and content.span != draft.stage.command.span
        span = content.span if written else None
        data |= _filled(content, settled, field, number)
    if span is not None:
        places = content.items if content is not None and content.items else (span,)
        spans = [place(each, begin) for each in arguments_at(draft.stage, draft.spec, places)]
        data |= {"span": place(span, begin), "text": text[begin + span.start : begin + span.end], "arguments": spans}
        if content is None:
            data["refused"] = True
        if data["value"] is None and not data.get("links"):
            data["value"] = data["text"]
    return data


def _filled(content: Content, settled: PlannedValue | None, field: FieldSpec, number: int) -> Data:
    """Return the value and the origin of an input that is filled; links inside the stage itself are not told."""
    origin = ORIGINS.get(content.origin, content.origin)
    if content.offers and all(offer.stage == number for offer in content.offers):
        value = json_value(settled.value, field) if settled is not None and origin != TYPED else None
        return {"origin": origin, "value": value}
    if content.offers:
        return {"origin": LINKED, "reason": content.origin, "links": [_link(offer) for offer in content.offers]}
    value = content.value.text if isinstance(content.value, ExternalValue) else json_value(content.value, field)
    if value is None and settled is not None:
        value = json_value(settled.value, field)
    return {"origin": origin, "value": value} | ({"model": content.model} if content.model else {})


def _link(offer: Offer) -> Data:
    return {"stage": offer.stage, "output": offer.name}


def _left_open(field: FieldSpec, settled: PlannedValue | None) -> Data:
    """Return the input that nothing fills: the model or the default decides, or a number is drawn."""
    if settled is not None and settled.origin != "written":
        origin = ORIGINS.get(settled.origin, settled.origin)
        value = None if origin == "drawn" else json_value(settled.value, field)
        return {"name": field.name, "value": value, "origin": origin, "span": None}
    origin = "missing" if field.required else "drawn" if field.seed else "model" if field.by_model else "default"
    value = json_value(field.default, field) if origin == "default" else None
    return {"name": field.name, "value": value, "origin": origin, "span": None}


def _settled(analysis: LineAnalysis, exposed: ExposedInputs) -> dict[int, dict[str, PlannedValue]]:
    """Return the values of each stage's nodes, by the inputs of the stage that set them."""
    plan = analysis.plan
    if plan is None:
        return {}
    types = {node.id: node.type for node in plan.nodes}
    stages = {id_: stage.number for stage in plan.stages for id_ in stage.nodes}
    uses = {edge.source: edge for edge in reversed(plan.edges)}  # the first use of each node
    specs = {stage.number: draft.spec for stage, draft in _drafted(analysis)}
    found: dict[int, dict[str, PlannedValue]] = {}
    for value in plan.values:
        number = stages.get(value.node)
        if number is not None and number in specs:
            field = exposed.sets(specs[number], (types[value.node], value.input))
            use = uses.get(value.node)
            if field is None and use is not None and stages.get(use.target) == number:  # a node that loads a model
                field = exposed.sets(specs[number], (types[use.target], use.input))
            if field is not None:
                found.setdefault(number, {}).setdefault(field.name, value)
    return found


def _drafted(analysis: LineAnalysis) -> Iterator[tuple[Any, Draft]]:
    drafts = {draft.stage.span: draft for draft in analysis.drafts}
    for stage in analysis.plan.stages if analysis.plan is not None else ():
        if stage.span in drafts:
            yield stage, drafts[stage.span]


def _declared(text: str, begin: int, stage: Stage) -> list[Data]:
    """Return the names that a `sweep` declares, with their values as written."""
    found = []
    for each in read_declarations(stage)[0].declarations:
        span = Span(each.values[0].span.start, each.values[-1].span.end)
        written = text[begin + span.start : begin + span.end]
        found.append(
            {
                "name": each.name,
                "value": written,
                "origin": TYPED,
                "span": place(span, begin),
                "text": written,
                "arguments": [place(each.span, begin)],
            }
        )
    return found


def _takes_next(argument: Argument, spec: InvocationSpec) -> bool:
    """Return True if an option takes the next argument as its value."""
    if not isinstance(argument, Option) or argument.value is not None:
        return False
    field = named(spec, ("-" if argument.short else "--") + argument.name)
    return field is not None and not is_flag(field)


def _is_link(argument: Argument) -> bool:
    """Return True for the option in `--link NODE OUTPUT INPUT`."""
    return isinstance(argument, Option) and argument.name == "link" and argument.value is None


def _overlaps(one: Span, other: Span) -> bool:
    return one.start < max(other.end, other.start + 1) and other.start < one.end

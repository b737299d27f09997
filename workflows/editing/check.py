"""Check a text as the prompt does at each key: its pieces, its errors, and the plan of a line with its forms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.language.errors import LanguageError
from workflows.completion.diagnose import UNFINISHED, Diagnosis
from workflows.completion.word_kinds import pieces
from workflows.explained import without_random
from workflows.plan_page import plan_data

from .forms import forms_of
from .json_values import json_value, place

if TYPE_CHECKING:
    from workflows.completion.checker import LineChecker
    from workflows.decompile.flatten import ExposedInputs
    from workflows.planning.plan import Plan

Data = dict[str, Any]


def check_text(checker: LineChecker, text: str, cursor: int | None, exposed: ExposedInputs) -> Data:
    """Return everything an editor shows about a text, as data.

    cursor: where the user types, or None; an error that more typing there may fix is `pending`
    exposed: finds the inputs of recipes; keep one for each catalog

    tokens: the pieces of the text, each with its kind
    errors: code, message, span, hint and notes of each error, and whether it is `pending`
    unfinished: whether the text may continue on the next line
    plan, forms: the plan of the line at the cursor, or None if it has errors, and the form of each stage
    """
    diagnosis = checker.check(text)
    at = len(text) if cursor is None else cursor
    line = diagnosis.line_at(at) or (diagnosis.lines[0][2], diagnosis.lines[0][0]) if diagnosis.lines else None
    data: Data = {
        "tokens": [
            {"kind": each.kind, "span": place(each.span)}
            for each in pieces(text, checker.workspace.reserved)
            if each.kind != "newline"
        ],
        "errors": errors_of(checker, text, cursor, diagnosis),
        "unfinished": diagnosis.incomplete,
        "plan": None,
        "forms": [],
        "notes": [],
    }
    if line is not None:
        analysis, begin = line
        first = checker.workspace.memory.scope.next_number
        data["forms"] = forms_of(text, begin, analysis, exposed, first)
        if analysis.plan is not None:
            data["plan"] = spanned_plan(checker, analysis.plan, begin)
            data["notes"] = list(analysis.plan.notes)
    return data


def errors_of(checker: LineChecker, text: str, cursor: int | None, diagnosis: Diagnosis) -> list[Data]:
    """Return the errors of a text, in order; those that more typing may fix are pending."""
    wrong = diagnosis.errors if cursor is None else diagnosis.wrong(text, cursor, checker.words)
    certain = set(map(id, wrong))
    return [error_data(each, pending=each.code in UNFINISHED or id(each) not in certain) for each in diagnosis.errors]


def error_data(error: LanguageError, *, pending: bool = False) -> Data:
    """Return an error as data."""
    return {
        "code": error.code,
        "message": error.message,
        "span": place(error.span),
        "hint": error.hint,
        "notes": list(error.notes),
        "pending": pending,
    }


def spanned_plan(checker: LineChecker, plan: Plan, begin: int) -> Data:
    """Return a plan as `explain --json` prints it, with the place of each stage, value and link that is written."""
    workspace = checker.workspace
    recompute = plan.recompute if workspace.settings.cache else {node.id for node in plan.nodes}
    plan = without_random(plan)
    data = plan_data(plan, workspace.additions(plan), recompute)
    for stage, planned in zip(data["stages"], plan.stages, strict=True):
        stage["span"] = place(planned.span, begin)
    types = {node.id: node.type for node in plan.nodes}
    for value, known in zip(data["values"], plan.values, strict=True):
        spec = workspace.catalog.get(types.get(known.node, ""))
        value["value"] = json_value(known.value, spec.input(known.input) if spec is not None else None)
        value["span"] = place(known.span, begin) if known.span is not None else None
    for edge, link in zip(data["edges"], plan.links, strict=False):  # the links of added nodes follow
        edge["span"] = place(link.span, begin) if link.span is not None else None
    for edge in data["edges"][len(plan.links) :]:
        edge["span"] = None
    return data | {"format": "plan/1"}

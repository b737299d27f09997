"""Routes for editors of lines: check, complete, explain and change a line; nothing runs, and no session changes."""

from __future__ import annotations

from typing import Any

from fastapi.responses import JSONResponse

from invocations.graph.exact_integers import with_strings
from invokeai_web.api_router import ApiRouter
from invokeai_web.clean_data import clean_data, clean_texts
from invokeai_web.dependencies import ServerDependency
from invokeai_web.graph_body import GraphBody, graph_of
from invokeai_web.line_answers import (
    AddChange,
    Change,
    ChangedLine,
    CheckedText,
    ExplainedLine,
    ForeignRecord,
    ImportedRecord,
    LineChanges,
    LineChoices,
    LineText,
    LinkChange,
    MoveChange,
    NameChange,
    NodeForecast,
    RemoveChange,
    TypedLine,
    TypedWord,
    UnlinkChange,
)
from workflows.editing.check import check_text
from workflows.editing.choices import choices_at
from workflows.editing.edit import edit_line
from workflows.editing.edits import AddStage, Edit, LinkInput, MoveStage, NameStage, RemoveStage, UnlinkInput
from workflows.editing.from_graph import line_of_graph
from workflows.editing.import_text import line_of_text
from workflows.explanation import explain, reuse_forecast

router = ApiRouter("lines", prefix="/line")


@router.post("/check", response_model=CheckedText)
def check_line(body: TypedLine, server: ServerDependency) -> JSONResponse:
    """Check a line while it is typed: its words, its errors, its plan, and a form for each stage."""
    with server.checkers.of(body.session) as checker:
        cursor = None if body.cursor is None else min(body.cursor, len(body.text))
        found = check_text(checker, body.text, cursor, checker.exposed)
    for error in found["errors"]:
        error |= {
            "message": server.without_paths(error["message"]),
            "hint": server.without_paths(error["hint"]) if error["hint"] else None,
            "notes": clean_texts(error["notes"], server.without_paths),
        }
    found["notes"] = clean_texts(found["notes"], server.without_paths)
    return JSONResponse(found)


@router.post("/complete", response_model=LineChoices)
def complete_line(body: TypedWord, server: ServerDependency) -> JSONResponse:
    """Complete the word at the cursor; the choices are those of the terminal's prompt."""
    with server.checkers.of(body.session) as checker:
        found = choices_at(checker, body.text, min(body.cursor, len(body.text)))
    for choice in found:
        choice["about"] = server.without_paths(choice["about"])
    return JSONResponse({"choices": found})


@router.post("/explain")
def explain_line(body: LineText, server: ServerDependency) -> ExplainedLine:
    """Explain what a line would do, what it would cost, and which of its results are cached."""
    with server.checkers.of(body.session) as checker:
        workspace = checker.workspace
        plan, notes = workspace.preview(body.text)
        data = explain(workspace, plan, notes).data()
        forecast = reuse_forecast(workspace, plan)
        warnings = list(workspace.warnings(plan))
    clean = server.without_paths
    return ExplainedLine(
        explanation=clean_data({**with_strings(data), "format": "plan/1"}, clean),
        forecast=[NodeForecast(node=e.node, type=e.type, reused=e.reused, why=clean(e.why)) for e in forecast],
        warnings=clean_texts(warnings, clean),
    )


@router.post("/edit")
def change_line(body: LineChanges, server: ServerDependency) -> ChangedLine:
    """Change the stages of a line; the words of other stages stay as they are. 409 if no line says what is wanted."""
    edits = map(_edit, body.edits)
    if not body.session:
        return ChangedLine(text=edit_line(server.workspace, body.text, edits))
    with server.workspace_of(body.session) as workspace:
        return ChangedLine(text=edit_line(workspace, body.text, edits))


@router.post("/from-graph")
def write_line(graph: GraphBody, server: ServerDependency) -> ChangedLine:
    """Return a line whose plan equals a graph. 409 if there is none."""
    return ChangedLine(text=line_of_graph(server.workspace, graph_of(graph, server)))


@router.post("/import")
def import_line(body: ForeignRecord, server: ServerDependency) -> ImportedRecord:
    """Return the line for what another tool has recorded, such as AUTOMATIC1111's settings or a graph of ComfyUI."""
    found = line_of_text(server.workspace, body.text)
    return ImportedRecord(line=found.line, tool=found.tool, notes=clean_texts(found.notes, server.without_paths))


def _edit(change: Change) -> Edit:
    given: dict[str, Any] = change.model_dump(exclude={"do"})
    return _EDITS[type(change)](**given)


_EDITS: dict[type[Change], type[Edit]] = {
    LinkChange: LinkInput,
    UnlinkChange: UnlinkInput,
    NameChange: NameStage,
    AddChange: AddStage,
    RemoveChange: RemoveStage,
    MoveChange: MoveStage,
}

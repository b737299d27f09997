"""The JSON Schemas of the structured content that the tools return.

A failed call has the same form: its `errors` are not empty, and it may lack all other fields.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": required.split()}


def _list(items: Schema, description: str = "") -> Schema:
    return {"type": "array", "items": items} | ({"description": description} if description else {})


def _text(description: str = "") -> Schema:
    return {"type": "string"} | ({"description": description} if description else {})


def _or_null(kind: str, description: str = "") -> Schema:
    return {"type": [kind, "null"]} | ({"description": description} if description else {})


ANYTHING: Final[Schema] = {}
INTEGER: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
BOOLEAN: Final[Schema] = {"type": "boolean"}
TEXTS: Final[Schema] = _list(_text())
ERROR: Final[Schema] = _object(
    "code message text",
    code=_text("Identifies the kind of error."),
    message=_text("What is wrong."),
    hint=_or_null("string", "What to do next."),
    span={"type": ["array", "null"], "items": INTEGER, "description": "Start and end of the place in the line."},
    node=_text("The node that failed."),
    text=_text("The error as the terminal shows it, with a caret below the place in the line."),
)


def _answer(required: str, **properties: Schema) -> Schema:
    """Return the schema of an answer: either all required fields, or at least one error."""
    whole = _object("errors", **properties, errors=_list(ERROR, "Why the call failed; [] if it succeeded."))
    failed = {"properties": {"errors": {"type": "array", "minItems": 1}}}
    return whole | {"anyOf": [{"required": required.split()}, failed]}


_PLANNED: Final[dict[str, Schema]] = {
    "line": _text(),
    "stages": _list(
        _object("number command", number=INTEGER, command=_text(), name=_or_null("string"), nodes=TEXTS),
        "The commands of the line.",
    ),
    "nodes": _list(_object("id type", id=_text(), type=_text(), reuse=BOOLEAN), "The nodes that would run."),
    "values": _list(
        _object(
            "node input value origin",
            node=_text(),
            input=_text(),
            value=ANYTHING,
            origin=_text("Where the value comes from, such as typed, default, model or drawn (a random seed)."),
            model=_or_null("string"),
        )
    ),
    "edges": _list(
        _object(
            "source output target input", source=_text(), output=_text(), target=_text(), input=_text(), reason=_text()
        ),
        "The links between nodes, with the reason for each.",
    ),
    "ignored": _list(
        _object("node input reason", node=_text(), input=_text(), reason=_text()), "Inputs that have no effect."
    ),
    "results": _list(_object("node output", node=_text(), output=_text())),
    "images": _or_null("integer", "How many images the line saves, if known."),
    "notes": TEXTS,
    "warnings": TEXTS,
}
PLAN: Final = _answer("line stages nodes values edges results notes warnings", **_PLANNED)
EXPLANATION: Final = _answer(
    "line stages nodes values edges results notes warnings cached",
    **_PLANNED,
    cached=_list(_text(), "The nodes whose results are cached, so they would not run again."),
    cached_images=_or_null("integer"),
    seconds=_or_null("number", "The estimated time, if known."),
    memory=_list({"type": "object"}, "The memory that each model needs, in bytes."),
)
RUN: Final = _answer(
    "session line results images warnings notes",
    session=_or_null("string", "The session that the line was added to."),
    line=_text(),
    seeds=_list(_object("node seed", node=_text(), seed=ANYTHING), "The random seeds that were picked."),
    results=_list(
        _object(
            "node type output value text",
            node=_text(),
            type=_text("The command of the node."),
            output=_text(),
            value=ANYTHING,
            text=TEXTS,
        )
    ),
    images=_list(
        _object("uri path width height", uri=_text(), path=_text(), node=_text(), width=INTEGER, height=INTEGER),
        "The images that were saved; read one with its uri.",
    ),
    warnings=TEXTS,
    notes=TEXTS,
)
COMMANDS: Final = _answer(
    "commands total",
    total={"type": "integer", "description": "How many commands match, including those that are not returned."},
    commands=_list(
        _object(
            "type title category summary",
            type=_text("The name of the command."),
            title=_text(),
            category=_text(),
            summary=_text(),
            origin=_text(),
            takes=_or_null("string", "The type of the piped input."),
            returns=_or_null("string", "The type of the result that `|` passes on."),
            examples=TEXTS,
            inputs=_list({"type": "object"}),
        )
    ),
)
HISTORY: Final = _answer(
    "lines",
    lines=_list(
        _object(
            "line session number started outcome",
            line=_text(),
            session=_text(),
            number=INTEGER,
            started={"type": "number", "description": "Seconds since 1970."},
            seconds=NUMBER,
            outcome=_text("done, failed, cancelled or skipped; empty if the line has not ended."),
            source=_text(),
        )
    ),
)

"""`session export ID [FILE]`: write a session as one JSON document, to a file or standard output."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from invocations.storing.exporting import SCHEMA, document_of
from invokeai_cli.render.answer import Answer
from workflows.chosen_session import chosen_session
from workflows.problems import UsageError

from .output_file import write_new

if TYPE_CHECKING:
    from .call import Call


def run(call: Call) -> Answer:
    """Export the named session or, without a name, the current or latest one."""
    name, file = (*call.values, "", "")[:2]
    if not file and name.endswith(".json"):
        raise UsageError(
            f"`session export` needs a session before the file `{name}`", f"for example `session export latest {name}`"
        )
    session = chosen_session(call.shell.workspace, name)
    call.shell.workspace.invoker.catch_up(session.id)
    document = document_of(call.shell.workspace.invoker.open(session.id))
    if not file or file == "-":
        schema = str(document.pop("schema"))
        return Answer(schema, document, text=json.dumps({"schema": schema, **document}, indent=1))
    size = write_new(call.shell, file, json.dumps(document, indent=1) + "\n", replaces=call.flag("overwrite"))
    data = {"session": session.id, "file": file, "bytes": size, "format": SCHEMA}
    return Answer("session_exported/1", data, text=file)

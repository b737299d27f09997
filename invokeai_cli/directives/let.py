"""`let NAME = VALUE`: set a variable, for `${NAME}` in the lines that follow."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer

from .call import Call


def run(call: Call) -> Answer:
    """Set a variable, unless `--set` has set it."""
    variables = call.shell.workspace.memory.variables
    name, text = variables.let(call.values)
    if name in variables.forced:
        call.shell.renderer.note(f"`{name}` keeps its value from `--set`")
    return Answer("let/1", {"name": name, "value": variables.get(name) or text})

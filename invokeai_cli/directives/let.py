"""`let NAME = VALUE`: give a variable a value, for `${NAME}` in the lines to come."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer

from .call import Call


def run(call: Call) -> Answer:
    """Set a variable; a value from `--set` is kept."""
    variables = call.shell.workspace.memory.variables
    name, text = variables.let(call.values)
    if name in variables.forced:
        call.shell.renderer.note(f"`{name}` stays as `--set` on the command line says")
    return Answer("let/1", {"name": name, "value": variables.get(name) or text})

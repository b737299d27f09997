"""`set [INPUT VALUE] [--save]`: set your own default for an input; without arguments, list your defaults."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.lookup import check_default
from workflows.scripts.statements import default_of
from workflows.settings.file import write_default

from .call import Call


def run(call: Call) -> Answer:
    """Set a default for the following lines or, with `--save`, permanently."""
    save = call.flag("save")
    given = default_of(call.values, call.shell.workspace.catalog)
    if given is None:
        return listing(call)
    name, text = given
    check_default(call.shell.workspace.check_value, call.shell.workspace.catalog, name, text)
    call.shell.workspace.memory.set(name, text)
    if save:
        write_default(call.shell.config.folders.user_file, name, text)
    if name in call.shell.workspace.memory.forced:
        call.shell.renderer.note(f"`{name}` keeps its value from `--set`")
    if not save and call.is_whole_program:
        call.shell.renderer.note(f"this only lasts until the program exits; `set {name} {text} --save` keeps it")
    return Answer("set/1", {"name": name, "value": text, "saved": save})


def listing(call: Call) -> Answer:
    """List the defaults and where each comes from."""
    state, origins = call.shell.workspace.memory, call.shell.config.origins
    rows = [(name, text, state.origin(name, origins)) for name, text in sorted(state.defaults.items())]
    data = [{"name": name, "value": text, "origin": origin} for name, text, origin in rows]
    tables = (Table(("input", "value", "from"), tuple(rows)),) if rows else ()
    return Answer("defaults/1", {"defaults": data}, tables, "" if rows else "no defaults are set")

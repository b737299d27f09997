"""`set [INPUT VALUE] [--save]` and `unset INPUT [--save]`: set, list and remove your own defaults for inputs."""

from __future__ import annotations

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.lookup import check_default
from workflows.planning.defaults import known_name
from workflows.problems import UsageError
from workflows.scripts.statements import default_of
from workflows.settings.file import write_default

from .call import Call


def run(call: Call) -> Answer:
    """Set a default, list all defaults, or remove one."""
    return remove(call) if call.row.name == "unset" else change(call)


def change(call: Call) -> Answer:
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


def remove(call: Call) -> Answer:
    """Remove a default for the following lines or, with `--save`, permanently."""
    save = call.flag("save")
    (name,) = call.values
    name = known_name(name)
    held = dict(call.shell.workspace.memory.defaults)
    if not call.shell.workspace.memory.unset(name):
        raise UsageError(f"no default of `{name}` is set", did_you_mean(name, held))
    if save:
        write_default(call.shell.config.folders.user_file, name, None)
    if name in call.shell.workspace.memory.forced:
        call.shell.renderer.note(f"`{name}` keeps its value from `--set`")
    if not save and call.is_whole_program:
        call.shell.renderer.note(f"this only lasts until the program exits; `unset {name} --save` keeps it")
    return Answer("unset/1", {"name": name, "saved": save})

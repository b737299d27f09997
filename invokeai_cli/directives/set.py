"""`set [INPUT VALUE]` and `unset INPUT`, with `--model` and `--save`: set, list and remove defaults for inputs."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.own_defaults import OwnDefault, listed_defaults, remove_default, set_default
from workflows.planning.defaults import typed_default

from .call import Call


def run(call: Call) -> Answer:
    """Set a default, list all defaults, or remove one; it lasts for the following lines or, with `--save`, longer."""
    workspace, model, save = call.shell.workspace, call.option("model"), call.flag("save")
    file, removes = call.shell.config.folders.user_file if save else "", call.row.name == "unset"
    own: OwnDefault | None
    if removes:
        own = remove_default(workspace, call.values[0], model, file=file)
    else:
        own = set_default(workspace, call.values, model, file=file)
    if own is None:
        return listing(call)
    if own.input in workspace.memory.forced:
        call.shell.renderer.note(f"`{own.input}` keeps its value from `--set`")
    if not save and call.is_whole_program:
        typed = f"{'unset' if removes else 'set'} {typed_default(own.input, own.model, own.value)} --save"
        call.shell.renderer.note(f"this only lasts until the program exits; `{typed}` keeps it")
    kept = ("name", "model") if removes else ("name", "value", "model")
    data = {key: value for key, value in own.data().items() if key in kept}
    return Answer("unset/1" if removes else "set/1", {**data, "saved": save})


def listing(call: Call) -> Answer:
    """List the defaults and where each comes from."""
    found = list(listed_defaults(call.shell.workspace))
    rows = tuple((each.typed, each.value, each.source) for each in found)
    tables = (Table(("input", "value", "from"), rows),) if rows else ()
    data = {"defaults": [each.data() for each in found]}
    return Answer("defaults/1", data, tables, "" if rows else "no defaults are set")

"""`unset INPUT [--save]`: remove a default that was set."""

from __future__ import annotations

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.render.answer import Answer
from workflows.planning.defaults import known_name
from workflows.problems import UsageError
from workflows.settings.file import write_default

from .call import Call


def run(call: Call) -> Answer:
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

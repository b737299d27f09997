"""`unset INPUT [--save]`: take back a default that was set."""

from __future__ import annotations

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.render.answer import Answer
from workflows.planning.defaults import known_name
from workflows.problems import UsageError
from workflows.settings.file import write_default

from .call import Call


def run(call: Call) -> Answer:
    """Take a default back, for the lines to come, or with `--save` from now on."""
    save = call.flag("save")
    (name,) = call.values
    name = known_name(name)
    held = dict(call.shell.workspace.memory.defaults)
    if not call.shell.workspace.memory.unset(name):
        raise UsageError(f"no default of `{name}` is set", did_you_mean(name, held))
    if save:
        write_default(call.shell.config.folders.user_file, name, None)
    if name in call.shell.workspace.memory.forced:
        call.shell.renderer.note(f"`{name}` stays as `--set` on the command line says")
    if not save and call.is_whole_program:
        call.shell.renderer.note(f"this ends with the program, which is now; `unset {name} --save` keeps it so")
    return Answer("unset/1", {"name": name, "saved": save})

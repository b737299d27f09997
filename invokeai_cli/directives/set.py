"""`set [INPUT VALUE] [--save]`: give an input a default of your own; alone, list those that hold."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.spec import InvocationSpec
from invokeai_cli.errors import UsageError, suggest
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from invokeai_cli.settings_file import write_default

from .call import Call


def run(call: Call) -> Answer:
    """Set a default, for the lines to come, or with `--save` from now on."""
    save, call = call.flag("--save")
    words = call.words
    if not words:
        return listing(call)
    if len(words) == 1 and "=" in words[0]:
        words = tuple(words[0].split("=", 1))
    if len(words) < 2 or words[0].startswith("--"):
        call.expect(2, 2)
        raise UsageError("`set` needs more words", "usage: set INPUT VALUE")
    name, text = known_input(words[0], call.shell.catalog), " ".join(words[1:])
    call.shell.state.set(name, text)
    if save:
        write_default(call.shell.config.folders.user_file, name, text)
    if name in call.shell.state.forced:
        call.shell.renderer.note(f"`{name}` stays as `--set` on the command line says")
    return Answer("set/1", {"name": name, "value": text, "saved": save})


def listing(call: Call) -> Answer:
    """List the defaults that hold and where each is from."""
    state, origins = call.shell.state, call.shell.config.origins
    rows = [(name, text, state.origin(name, origins)) for name, text in sorted(state.defaults.items())]
    data = [{"name": name, "value": text, "origin": origin} for name, text, origin in rows]
    tables = (Table(("input", "value", "from"), tuple(rows)),) if rows else ()
    return Answer("defaults/1", {"defaults": data}, tables, "" if rows else "no defaults are set")


def known_input(name: str, catalog: Mapping[str, InvocationSpec]) -> str:
    """Return the name of an input, `steps` or `t2i.steps`, as it is kept. Raises: UsageError."""
    command, dot, wanted = name.rpartition(".")
    wanted = wanted.replace("-", "_")
    if dot and command not in catalog:
        raise UsageError(f"there is no command `{command}`", suggest(command, catalog))
    specs = [catalog[command]] if dot else catalog.values()
    names = dict.fromkeys(field.name for spec in specs for field in spec.inputs)
    if wanted not in names:
        where = f"`{command}` has" if dot else "no command has"
        raise UsageError(f"{where} {'no' if dot else 'an'} input `{wanted}`", suggest(wanted, names))
    return f"{command}.{wanted}" if dot else wanted

"""`set [INPUT VALUE] [--save]`: give an input a default of your own; alone, list those that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from invocations.language.did_you_mean import did_you_mean
from invocations.spec import InvocationSpec
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.lookup import check_default
from workflows.problems import UsageError
from workflows.settings.file import write_default

from .call import Call


def run(call: Call) -> Answer:
    """Set a default, for the lines to come, or with `--save` from now on."""
    save, call = call.flag("--save")
    given = default_of(call.words, call.shell.workspace.catalog)
    if given is None:
        return listing(call)
    name, text = given
    check_default(call.shell.workspace.check_value, call.shell.workspace.catalog, name, text)
    call.shell.workspace.memory.set(name, text)
    if save:
        write_default(call.shell.config.folders.user_file, name, text)
    if name in call.shell.workspace.memory.forced:
        call.shell.renderer.note(f"`{name}` stays as `--set` on the command line says")
    if not save and call.is_all:
        call.shell.renderer.note(f"this ends with the program, which is now; `set {name} {text} --save` keeps it")
    return Answer("set/1", {"name": name, "value": text, "saved": save})


def default_of(words: Sequence[str], catalog: Mapping[str, InvocationSpec]) -> tuple[str, str] | None:
    """Return the input and the text that the words of `set` name, None where there are no words. Raises: UsageError."""
    words = [word for word in words if word != "--save"]
    if not words:
        return None
    if len(words) == 1 and "=" in words[0]:
        words = words[0].split("=", 1)
    if words[0].startswith("--"):
        raise UsageError(f"`set` has no option `{words[0]}`", "usage: set INPUT VALUE")
    if len(words) < 2:
        raise UsageError("`set` needs more words", "usage: set INPUT VALUE")
    return known_input(words[0], catalog), " ".join(words[1:])


def known_name(name: str) -> str:
    """Return the name of an input as it is kept: `t2i.free-text` as `t2i.free_text`."""
    command, dot, wanted = name.rpartition(".")
    return f"{command}{dot}{wanted.replace('-', '_')}"


def listing(call: Call) -> Answer:
    """List the defaults that hold and where each is from."""
    state, origins = call.shell.workspace.memory, call.shell.config.origins
    rows = [(name, text, state.origin(name, origins)) for name, text in sorted(state.defaults.items())]
    data = [{"name": name, "value": text, "origin": origin} for name, text, origin in rows]
    tables = (Table(("input", "value", "from"), tuple(rows)),) if rows else ()
    return Answer("defaults/1", {"defaults": data}, tables, "" if rows else "no defaults are set")


def known_input(name: str, catalog: Mapping[str, InvocationSpec]) -> str:
    """Return the name of an input, `steps` or `t2i.steps`, as it is kept. Raises: UsageError."""
    command, dot, wanted = name.rpartition(".")
    wanted = wanted.replace("-", "_")
    if dot and command not in catalog:
        raise UsageError(f"there is no command `{command}`", did_you_mean(command, catalog))
    specs = [catalog[command]] if dot else catalog.values()
    names = dict.fromkeys(field.name for spec in specs for field in spec.inputs)
    if wanted not in names:
        where = f"`{command}` has" if dot else "no command has"
        raise UsageError(f"{where} {'no' if dot else 'an'} input `{wanted}`", did_you_mean(wanted, names))
    return f"{command}.{wanted}" if dot else wanted

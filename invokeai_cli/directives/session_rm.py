"""`session rm ID ...`: remove sessions permanently, after confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.errors import SessionBusy
from invocations.shown_numbers import counted, readable_size
from invokeai_cli.render.answer import Answer
from invokeai_cli.shell import agreed
from workflows.chosen_session import chosen_id
from workflows.problems import UsageError

from .call import can_ask

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

    from .call import Call


def run(call: Call) -> Answer:
    """Remove the named sessions, all or none."""
    shell = call.shell
    ids = dict.fromkeys(chosen_id(shell.workspace, name) for name in call.values)
    for id_ in ids:
        if id_ == shell.workspace.memory.session_id:
            raise UsageError(f"`{id_}` is the current session", "remove it from another session")
        if shell.workspace.invoker.in_use(id_):
            raise SessionBusy(id_, f"another process is using session `{id_}`", "stop that process first")
    infos = [info for info in shell.workspace.invoker.sessions() if info.id in ids]
    lines, nodes = sum(info.lines for info in infos), sum(info.nodes for info in infos)
    size = sum(info.bytes for info in infos)
    counts = [counted(count, what) for count, what in ((len(infos), "session"), (lines, "line"), (nodes, "node"))]
    freed = ", ".join([*counts, f"{readable_size(size)} of records"])
    if not call.flag("yes") and not _agreed(shell, f"remove {freed}?"):
        return Answer("sessions_removed/1", {"removed": [], "lines": 0, "nodes": 0, "bytes": 0}, text="nothing removed")
    for id_ in ids:
        shell.workspace.invoker.delete(id_)
    data = {"removed": [*ids], "lines": lines, "nodes": nodes, "bytes": size}
    return Answer("sessions_removed/1", data, text=f"removed {freed}; saved images stay")


def _agreed(shell: Shell, question: str) -> bool:
    """Ask for confirmation. Raises: UsageError, if there is no terminal."""
    if not can_ask(shell):
        raise UsageError("cannot ask for confirmation without a terminal", "`--yes` removes sessions without asking")
    return agreed(shell, question)

"""Which session a directive speaks of: the one of this shell, the one that is named, or the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.storing.base import SessionFilter
from workflows.problems import UsageError

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell

LATEST = "latest"


def chosen(shell: Shell, name: str = "") -> Session:
    """Return the session that is named; without a name, this shell's or the latest. Raises: UsageError."""
    return shell.workspace.invoker.open(chosen_id(shell, name))


def chosen_id(shell: Shell, name: str = "") -> str:
    """Return the id that is meant by it, by its beginning or by `latest`; without a name, this shell's or the latest.

    Raises: UsageError.
    """
    if not name and shell.workspace.memory.session_id is not None:
        return shell.workspace.memory.session_id
    latest = [info.id for info in shell.workspace.invoker.sessions(SessionFilter(most=1))]
    if not latest:
        raise UsageError("there is no session yet", "run a line first")
    if name in ("", LATEST):
        return latest[0]
    ids = [info.id for info in shell.workspace.invoker.sessions()]
    if name in ids:
        return name
    found = [each for each in ids if each.startswith(name)]
    if not found:
        raise UsageError(f"there is no session `{name}`", did_you_mean(name, ids, "`sessions` lists them"))
    if len(found) > 1:
        more = f"write more of it: {', '.join(found[:3])}{', ...' if len(found) > 3 else ''}"
        raise UsageError(f"`{name}` is the beginning of {len(found)} sessions", more)
    return found[0]

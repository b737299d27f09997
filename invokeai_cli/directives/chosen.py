"""Which session a directive speaks of: the one of this shell, the one that is named, or the latest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invokeai_cli.errors import UsageError

if TYPE_CHECKING:
    from invocations.session import Session
    from invokeai_cli.shell import Shell


def chosen(shell: Shell, name: str = "") -> Session:
    """Return the session of an id or its beginning; without one, this shell's or the latest. Raises: UsageError."""
    if not name and shell.state.session_id is not None:
        return shell.invoker.open(shell.state.session_id)
    ids = [info.id for info in shell.invoker.sessions()]
    if not ids:
        raise UsageError("there is no session yet", "run a line first")
    found = [each for each in ids if each.startswith(name)]
    if not found:
        raise UsageError(f"there is no session `{name}`", "`sessions` lists them")
    if len(found) > 1 and name and name not in found:
        raise UsageError(f"`{name}` is the beginning of {len(found)} sessions", "write more of it")
    return shell.invoker.open(name if name in found else found[0])

"""Find the session that a name means: an id, its first characters, or `latest`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.storing.base import SessionFilter

from .problems import UsageError
from .reserved import LATEST

if TYPE_CHECKING:
    from invocations.sessions.session import Session

    from .workspace import Workspace


def chosen_session(workspace: Workspace, name: str = "") -> Session:
    """Return the named session; without a name, the current or else the latest session. Raises: UsageError."""
    return workspace.invoker.open(chosen_id(workspace, name))


def chosen_id(workspace: Workspace, name: str = "") -> str:
    """Return the full id of the session whose id begins with `name`; without a name, of the current or latest session.

    The name `latest` is accepted too; an imported session is never the latest.

    Raises: UsageError.
    """
    if not name and workspace.memory.session_id is not None:
        return workspace.memory.session_id
    if name in ("", LATEST):
        latest = workspace.invoker.sessions(SessionFilter(limit=1, own=True))
        if latest:
            return latest[0].id
    ids = [info.id for info in workspace.invoker.sessions()]
    if not ids:
        raise UsageError("there are no sessions yet", "run a line first")
    if name in ("", LATEST):
        raise UsageError("all sessions were imported", "name one of them; `sessions` lists them")
    if name in ids:
        return name
    found = [each for each in ids if each.startswith(name)]
    if not found:
        raise UsageError(f"there is no session `{name}`", did_you_mean(name, ids, "`sessions` lists them"))
    if len(found) > 1:
        more = f"ambiguous id; type more of it: {', '.join(found[:3])}{', ...' if len(found) > 3 else ''}"
        raise UsageError(f"`{name}` matches {len(found)} sessions", more)
    return found[0]

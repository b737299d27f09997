"""A session that was begun elsewhere becomes this shell's; what another process adds to it is taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .planning.scope import Scope

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell


def adopt(shell: Shell, session: Session) -> None:
    """Let the lines to come join a session: its stages can be referred to, a leading bar goes on from its last."""
    shell.state.session_id = session.id
    shell.state.scope = Scope.of(session)


def catch_up(shell: Shell) -> None:
    """Take in what another process has added to this shell's session. Raises: SessionMissing, SessionDamaged."""
    session_id = shell.state.session_id
    if session_id is not None and shell.invoker.catch_up(session_id):
        adopt(shell, shell.invoker.open(session_id))

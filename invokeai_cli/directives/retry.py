"""`retry [SESSION]`: run the failed nodes of a session again, and the nodes that depend on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.errors import SessionBusy
from invocations.sessions.journal import FAILED
from invokeai_cli import exit_status
from invokeai_cli.line import run_lines
from invokeai_cli.render.answer import Answer
from workflows.chosen_session import chosen_id
from workflows.problems import UsageError
from workflows.session_lines import changed_prompts, left_hint

if TYPE_CHECKING:
    from invocations.sessions.session import Session, SessionLine
    from invokeai_cli.shell import Shell

    from .call import Call


def run(call: Call) -> Answer:
    """Retry the named session or, without a name, the current or latest one."""
    (name,) = call.values or ("",)
    shell = call.shell
    session_id = chosen_id(shell.workspace, name)
    session = shell.workspace.invoker.open(session_id)
    if session.imported and session_id != shell.workspace.memory.session_id:
        message = f"session `{session_id}` was imported, and `retry` runs only your own sessions"
        raise UsageError(message, f"`session resume {session_id}` runs it")
    if shell.workspace.invoker.in_use(session_id):
        message = f"another process has session `{session_id}` open"
        raise SessionBusy(session_id, message, "type `retry` there, or stop that process first")
    shell.workspace.invoker.catch_up(session_id)
    session = shell.workspace.invoker.open(session_id)
    lines = _failed(session)
    if lines:
        return Answer("", None, status=_retried(shell, session_id, lines))
    nothing = f"nothing has failed in session {session_id}"
    if call.line.name is None:
        hint = left_hint(shell.workspace.invoker, session, failed=True)
        raise UsageError(nothing, hint or "`sessions --failed` lists sessions with failures")
    shell.renderer.note(nothing)
    return Answer("", None)


def _failed(session: Session) -> list[SessionLine]:
    return [line for line in session.lines if line.outcome == FAILED]


def _retried(shell: Shell, session_id: str, lines: list[SessionLine]) -> int:
    """Run the unfinished parts of the failed lines, one line after the other, and return the exit status."""
    session = shell.workspace.invoker.resume(session_id, retry_quarantined=True)
    if changed := changed_prompts(session):
        shell.renderer.note(changed)
    failed = []
    for line in lines:
        shell.renderer.note(f"retrying line {line.number}: {' '.join(line.text.split())}")
        status = run_lines(shell, session, [line.number], only_new=True)
        if status in exit_status.STOPPED:
            return status
        if status:
            failed.append(status)
    return exit_status.LINES_FAILED if 0 < len(failed) < len(lines) else (*failed, exit_status.DONE)[0]

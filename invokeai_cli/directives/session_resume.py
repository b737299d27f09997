"""`session resume ID`: run a session's unfinished lines; at the interactive prompt, make another session current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.language.errors import visible
from invocations.shown_numbers import counted
from invokeai_cli import exit_status
from invokeai_cli.line import run_lines
from invokeai_cli.render.answer import Answer
from invokeai_cli.shell import agreed
from workflows.chosen_session import chosen_id
from workflows.imported_session import dangers
from workflows.problems import NotAllowed, UsageError
from workflows.reserved import LATEST
from workflows.session_lines import changed_prompts, left_hint, unfinished

from .call import can_ask

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell

    from .call import Call


def run(call: Call) -> Answer:
    """Resume the named or the latest session."""
    (name,) = call.values or (LATEST,)
    shell = call.shell
    session_id = chosen_id(shell.workspace, name)
    if call.is_whole_program:
        return _continued(shell, session_id, yes=call.flag("yes"), latest=name == LATEST)
    if not _takes_lines_one_by_one(shell):
        hint = "in the shell: invokeai session resume ID; at the interactive prompt: session resume ID"
        raise UsageError("a script has its own session and cannot resume another", hint)
    if session_id == shell.workspace.memory.session_id and unfinished(shell.workspace.session):
        return _continued(shell, session_id, yes=call.flag("yes"))
    session = _admit(shell, session_id, yes=call.flag("yes"))
    shell.workspace.attach(session)
    for note in _notes(shell, session):
        shell.renderer.note(note)
    return Answer("session_resumed/1", _data(session, unfinished(session)), status=exit_status.DONE)


def _continued(shell: Shell, session_id: str, *, yes: bool, latest: bool = False) -> Answer:
    """Run the unfinished lines of a session. Raises: NotAllowed; UsageError if only an older session has some."""
    _admit(shell, session_id, yes=yes)
    session = shell.workspace.invoker.resume(session_id)
    shell.workspace.attach(session)
    lines = unfinished(session)
    if changed := changed_prompts(session):
        shell.renderer.note(changed)
    if lines:
        return Answer("", None, status=run_lines(shell, session, lines))
    nothing = f"nothing is left to run in session {session_id}"
    if latest and (hint := left_hint(shell.workspace.invoker, session)):
        raise UsageError(nothing, hint)
    shell.renderer.note(nothing)
    return Answer("session_resumed/1", _data(session, lines))


def _admit(shell: Shell, session_id: str, *, yes: bool) -> Session:
    """Return a session; ask for confirmation if it was imported and could do harm. Raises: NotAllowed."""
    workspace = shell.workspace
    workspace.invoker.catch_up(session_id)
    session = workspace.invoker.open(session_id)
    if workspace.invoker.is_trusted(session):
        return session
    found = dangers(session, workspace.catalog, shell.config.output_dir, workspace.base)
    if found and not yes:
        message = f"session `{session_id}` was imported; it could {', '.join(found)}"
        if not can_ask(shell) or not agreed(shell, f"{visible(message)}; resume it?"):
            raise NotAllowed(message, "`graph` shows its nodes; `session resume --yes` resumes it")
    workspace.invoker.trust(session_id)
    return session


def _takes_lines_one_by_one(shell: Shell) -> bool:
    """Return True if each line is planned only after the previous one ran, as at the interactive prompt."""
    environment = shell.environment
    return shell.workspace.open_names or (not shell.command_line.words and environment.is_terminal(environment.stdin))


def _notes(shell: Shell, session: Session) -> list[str]:
    count = len(session.lines)
    last = f", last: {' '.join(session.lines[-1].text.split())}" if count else ""
    notes = [f"resuming session {session.id}: {counted(count, 'line')}{last}"]
    if names := ", ".join(f"@{name}" for name in session.names):
        notes.append(f"named stages: {names}")
    if left := len(unfinished(session)):
        notes.append(f"unfinished lines: {left}; a new line also runs the unfinished lines that it depends on")
    if changed := changed_prompts(session):
        notes.append(changed)
    if shell.workspace.invoker.in_use(session.id):
        notes.append("another process has the session open too; lines that it adds are read before each new line")
    return notes


def _data(session: Session, lines: list[int]) -> dict[str, object]:
    return {"session": session.id, "lines": len(session.lines), "names": [*session.names], "unfinished": lines}

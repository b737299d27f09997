"""Resume a script: find its last session, and match each planned line with the lines of that session.

Two lines match if their nodes and links are equal, whatever random seeds were picked. If the script has changed, the
matching lines are copied to a new session, with their seeds and results.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.catalog.roles import OVERWRITE, roles_of
from invocations.errors import InvocationError, SessionBusy
from invocations.frozen import frozen
from invocations.graph.node import Node
from invocations.shown_numbers import counted
from workflows.problems import UsageError
from workflows.session_lines import changed_prompts

from .earlier import DONE, Earlier, saved_images
from .match import SessionMatch, take_over

if TYPE_CHECKING:
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session
    from invocations.spec import InvocationSpec
    from workflows.workspace import Workspace

    from .options import RunOptions
    from .plan import ScriptLine, ScriptPlan


@frozen
class ScriptId:
    """What identifies a script, so that its sessions can be found.

    name: the path as it was given
    path: the absolute path; for a trial, the path followed by the values of the trial
    digest: the SHA-256 of the text
    """

    name: str
    path: str
    digest: str

    @classmethod
    def of(cls, text: str, name: str, folder: str, *, trial: str = "") -> ScriptId:
        """Return the identity of a script, given its text and its path relative to a folder.

        trial: the values of a trial, whose runs are kept apart from those of the script itself
        """
        digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
        path = os.path.abspath(os.path.join(folder, name))
        return cls(name, f"{path} --with {trial}" if trial else path, digest)


def begin(
    workspace: Workspace, script: ScriptPlan, script_id: ScriptId, options: RunOptions, note: Callable[[str], None]
) -> Earlier | None:
    """Return what an earlier run of a script has done, or start a session for the script and return None.

    note: called with a message for the user
    Raises: UsageError, StoreFailed.
    """
    session = _last_session(workspace.invoker, script, script_id, options) if options.resume else None
    if session is not None:
        return _resumed(workspace, script, script_id, session, note)
    if options.resume:
        note(first_run_note(script_id))
    elif over := over_note(workspace.invoker, script, script_id, options):
        note(over)
    workspace.invoker.note_script(workspace.session_id, script_id.path, script_id.digest)
    return None


def last_run(invoker: Invoker, script: ScriptPlan, script_id: ScriptId) -> tuple[Earlier | None, str]:
    """Return the earlier run that `--resume` would continue, or None, and the note about it, without side effects."""
    found = sessions_of(invoker, script_id)
    try:
        session = invoker.open(_latest(invoker, found, script.line_count)) if found else None
    except InvocationError:
        return None, ""
    if session is None:
        return None, first_run_note(script_id)
    match = SessionMatch.of(session, script)
    earlier = Earlier(session, frozenset(map(id, match.lines)))
    match.adopt(script)
    return earlier, resumed_note(script_id, script, session, match)


def first_run_note(script_id: ScriptId) -> str:
    """Return the note for `--resume` if there is no run to resume."""
    return f"`{script_id.name}` has not been run before: starting from the beginning"


def resumed_note(script_id: ScriptId, script: ScriptPlan, session: Session, match: SessionMatch) -> str:
    """Return the note about a session that is resumed."""
    if match.whole:
        return f"resuming session {session.id}"
    kept = f"reusing {len(match.lines)} of its {script.line_count} lines"
    return f"`{script_id.name}` has changed since session {session.id}: {kept}"


def over_note(invoker: Invoker, script: ScriptPlan, script_id: ScriptId, options: RunOptions) -> str:
    """Return the note about a script that starts over although an earlier run has saved images, or ""."""
    images = 0 if options.again or options.skip_existing else _saved_before(invoker, script, script_id)
    saved = f"an earlier run saved {counted(images, 'image')}"
    return f"starting over, although {saved}; `--resume` continues that run" if images else ""


def _saved_before(invoker: Invoker, script: ScriptPlan, script_id: ScriptId) -> int:
    """Return how many images of the last run of a script still exist, or 0 if that run cannot be resumed."""
    found = sessions_of(invoker, script_id)[:1]
    try:
        session = invoker.open(found[0]) if found and not invoker.in_use(found[0]) else None
    except InvocationError:
        return 0
    if session is None:
        return 0
    return sum(saved_images(session, names.values()) for names in SessionMatch.of(session, script).names)


def _resumed(
    workspace: Workspace, script: ScriptPlan, script_id: ScriptId, session: Session, note: Callable[[str], None]
) -> Earlier:
    invoker, match = workspace.invoker, SessionMatch.of(session, script)
    known = frozenset(map(id, match.lines))
    if changed := changed_prompts(session):
        note(changed)
    match.adopt(script)
    if _overwrote(session, match):
        script.lines[:] = [
            line if id(line) in known else _overwriting(line, workspace.catalog) for line in script.lines
        ]
    note(resumed_note(script_id, script, session, match))
    if match.whole:
        workspace.memory.session_id = session.id
        return Earlier(session, known)
    invoker.note_script(workspace.session_id, script_id.path, script_id.digest)
    take_over(invoker, workspace.session_id, session, match)
    return Earlier(invoker.open(workspace.session_id), known)


def _overwrote(session: Session, match: SessionMatch) -> bool:
    """Return True if `--overwrite` let the earlier run replace files, so the rest of the script may do so as well."""
    return any(
        session.graph.nodes[names[node.id]].inputs.get(OVERWRITE, False) != node.inputs.get(OVERWRITE, False)
        for line, names in zip(match.lines, match.names, strict=True)
        for node in (line.plan.nodes if line.plan else ())
    )


def _overwriting(line: ScriptLine, catalog: Mapping[str, InvocationSpec]) -> ScriptLine:
    """Return a copy of a line in which every `save` may overwrite existing files."""
    if line.plan is None:
        return line
    nodes = tuple(
        Node(node.id, node.type, {**node.inputs, OVERWRITE: True}) if "saves" in roles_of(catalog, node.type) else node
        for node in line.plan.nodes
    )
    return replace(line, plan=replace(line.plan, nodes=nodes))


def _last_session(invoker: Invoker, script: ScriptPlan, script_id: ScriptId, options: RunOptions) -> Session | None:
    """Return the session to resume, or None if the script has not run before. Raises: UsageError, SessionBusy."""
    found = sessions_of(invoker, script_id)
    if not found:
        return None
    session_id = _latest(invoker, found, script.line_count)
    try:
        return invoker.resume(session_id, retry_quarantined=options.only_failed)
    except SessionBusy:
        raise
    except InvocationError as error:
        message = f"the last session of `{script_id.name}` cannot be read: {error.message}"
        raise UsageError(message, "run it without --resume") from error


def sessions_of(invoker: Invoker, script_id: ScriptId) -> list[str]:
    """Return the sessions of a script, the latest first; if some have exactly the same text, return only these."""
    found = invoker.sessions_of(script_id.path)
    return [each[0] for each in ([each for each in found if each[1] == script_id.digest] or found)]


def _latest(invoker: Invoker, found: list[str], lines: int) -> str:
    """Return the latest session, or the unfinished one before it if no line of the latest is done."""
    if len(found) > 1 and not _done(invoker, found[0]):
        before = next(((id_, done) for id_ in found[1:] if (done := _done(invoker, id_))), None)
        if before is not None and before[1] < lines:
            return before[0]
    return found[0]


def _done(invoker: Invoker, session_id: str) -> int:
    """Return how many lines of a session are done, or 0 if the session cannot be read."""
    try:
        return sum(line.outcome == DONE for line in invoker.open(session_id).lines)
    except InvocationError:
        return 0

"""Going on with a script: its last session is found, and each planned line compared with what that session holds.

A line is the same when its nodes and links are, whatever seed was drawn for it. Where the script has changed, a new
session takes over the unchanged lines, with their seeds and results.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from invocations.errors import InvocationError, SessionBusy
from invocations.sessions.lost_results import refs_of
from invocations.values import ImageRef, Ref
from workflows.problems import UsageError
from workflows.results import is_sent

from .match import Match, take_over

if TYPE_CHECKING:
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session
    from invokeai_cli.shell import Shell

    from .naming import Named
    from .plan import Script, Step
    from .run import Wanted


DONE = "done"  # how a line ends of which all nodes are done


class Earlier:
    """What an earlier run has done of a script."""

    def __init__(self, session: Session, known: frozenset[int]) -> None:
        self.session = session
        self._known = known  # ids of the steps that the session holds
        self._open = {line.number for line in session.open_lines}
        self._failed = {line.number for line in session.lines if line.outcome not in ("", DONE)}

    def knows(self, step: Step) -> bool:
        """Tell whether the session holds a line."""
        return id(step) in self._known

    def is_done(self, step: Step) -> bool:
        """Tell whether nothing is left to do of a line."""
        return self.session.expansion.is_done(step.nodes) and self._open.isdisjoint(self._numbers(step))

    def lost(self, step: Step, is_there: Callable[[Ref], bool]) -> list[str]:
        """Return the nodes of a line that is done whose files or results are no longer there."""
        kept = [id_ for id_ in step.nodes if _saves(self.session, id_) and not is_sent(self.session, id_)]
        kept += [node for node, _ in (step.added.results if step.added else ()) if node not in kept]
        return [id_ for id_ in kept if not all(map(partial(_is_whole, is_there), refs_of(self.session, id_)))]

    def failed(self, step: Step) -> bool:
        """Tell whether a line had failed."""
        return not self._failed.isdisjoint(self._numbers(step))

    def _numbers(self, step: Step) -> set[int]:
        return self.session.lines_of(step.nodes)


def _saves(session: Session, id_: str) -> bool:
    return "saves" in session.graph.node_type(id_).spec.roles


def _is_whole(is_there: Callable[[Ref], bool], ref: Ref) -> bool:
    """Tell whether a picture's own file is there, and of what has none, its content."""
    return os.path.isfile(ref.path) if isinstance(ref, ImageRef) and ref.path else is_there(ref)


def _latest(invoker: Invoker, found: list[str], lines: int) -> list[str]:
    """Return the session to go on with: the latest, or where nothing was done in it an unfinished one before."""
    if len(found) > 1 and not _done(invoker, found[0]):
        before = next(((id_, done) for id_ in found[1:] if (done := _done(invoker, id_))), None)
        if before is not None and before[1] < lines:
            return [before[0]]
    return found[:1]


def _done(invoker: Invoker, session_id: str) -> int:
    """Return how many lines of a session are done, none where it cannot be read."""
    try:
        return sum(line.outcome == DONE for line in invoker.open(session_id).lines)
    except InvocationError:
        return 0


def begin(shell: Shell, script: Script, named: Named, wanted: Wanted) -> Earlier | None:
    """Open the session to go on with, or begin one and note whose it is. Raises: UsageError, StoreFailed."""
    invoker = shell.workspace.invoker
    found = invoker.sessions_of(named.path) if wanted.resume else []
    found = [each for each in found if each[1] == named.digest] or found
    for session_id in _latest(invoker, [each[0] for each in found], script.lines):
        try:
            session = invoker.resume(session_id, retry_quarantined=wanted.only_failed)
        except SessionBusy:
            raise
        except InvocationError as error:
            message = f"the last session of `{named.name}` cannot be read: {error.message}"
            raise UsageError(message, "run it without --resume") from error
        match = Match.of(session, script)
        if match.whole:
            shell.workspace.memory.session_id = session_id
            shell.renderer.note(f"going on with session {session_id}")
            return Earlier(session, frozenset(map(id, match.steps)))
        invoker.note_script(shell.workspace.session_id, named.path, named.digest)
        take_over(invoker, shell.workspace.session_id, session, match)
        kept = f"{len(match.steps)} of its {script.lines} lines are taken over"
        shell.renderer.note(f"`{named.name}` is not as it was in session {session_id}: {kept}")
        return Earlier(invoker.open(shell.workspace.session_id), frozenset(map(id, match.steps)))
    if wanted.resume:
        shell.renderer.note(f"`{named.name}` was not run before: it begins anew")
    invoker.note_script(shell.workspace.session_id, named.path, named.digest)
    return None

"""Find the images of loops that already exist; their names are only known from the sessions of earlier runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invocations.errors import InvocationError

from .earlier import Earlier, saved_images
from .match import SessionMatch, take_over
from .resume import sessions_of

if TYPE_CHECKING:
    from invocations.invoker import Invoker
    from invocations.sessions.session import Session
    from workflows.workspace import Workspace

    from .plan import ScriptLine, ScriptPlan
    from .resume import ScriptId


def existing_loops(workspace: Workspace, script: ScriptPlan, script_id: ScriptId) -> Earlier | None:
    """Copy loops that have saved images, with their results, from an earlier run of a script to the current session.

    Return the lines that were copied, or None if there are none. Raises: StoreFailed.
    """
    found = find_loops(workspace.invoker, script, script_id)
    if found is None:
        return None
    session, match = found
    take_over(workspace.invoker, workspace.session_id, session, match)
    return Earlier(workspace.session, frozenset(map(id, match.lines)))


def earlier_loops(invoker: Invoker, script: ScriptPlan, script_id: ScriptId) -> Earlier | None:
    """Return what `existing_loops` would copy, without side effects; None if there is nothing or node ids differ."""
    found = find_loops(invoker, script, script_id)
    if found is None or any(new != old for names in found[1].names for new, old in names.items()):
        return None
    return Earlier(found[0], frozenset(map(id, found[1].lines)))


def find_loops(invoker: Invoker, script: ScriptPlan, script_id: ScriptId) -> tuple[Session, SessionMatch] | None:
    """Return the latest session with saved images of the script's loops, and a match for the lines of these loops.

    The match also contains the lines that the loops depend on.
    """
    if not any(line.loops for line in script.lines):
        return None
    for session_id in sessions_of(invoker, script_id):
        try:
            session = invoker.open(session_id)
        except InvocationError:
            continue
        match = SessionMatch.of(session, script)
        loops = [line for line in match.lines if line.loops and saved_images(session, match.nodes_of(line))]
        if loops:
            return session, match.only(_with_sources(script, loops))
    return None


def _with_sources(script: ScriptPlan, lines: list[ScriptLine]) -> set[int]:
    """Return the `id()` of the given lines and of all lines that they depend on."""
    line_of = {node: line for line in script.lines for node in line.nodes}
    waiting = list(lines)
    for line in waiting:
        waiting += [source for source in _sources(line, line_of) if source not in waiting]
    return set(map(id, waiting))


def _sources(line: ScriptLine, line_of: dict[str, ScriptLine]) -> Iterator[ScriptLine]:
    for edge in line.plan.edges if line.plan else ():
        if edge.source in line_of and line_of[edge.source] is not line:
            yield line_of[edge.source]

"""Find existing images whose names are only known from the sessions of earlier runs of a script.

These are the images of loops, and images whose names contain a running number or a random seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invocations.errors import InvocationError

from .earlier import Earlier, saved_images
from .match import SessionMatch, take_over
from .resume import sessions_of
from .targets import saved_files

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from workflows.workspace import Workspace

    from .plan import ScriptLine, ScriptPlan
    from .resume import ScriptId


def existing_images(workspace: Workspace, script: ScriptPlan, script_id: ScriptId) -> Earlier | None:
    """Copy lines that saved images under names chosen at run time, with their results, to the current session.

    Return the lines that were copied, or None if there are none. Raises: StoreFailed.
    """
    found = find_images(workspace, script, script_id)
    if found is None:
        return None
    session, match = found
    take_over(workspace.invoker, workspace.session_id, session, match)
    return Earlier(workspace.session, frozenset(map(id, match.lines)))


def earlier_images(workspace: Workspace, script: ScriptPlan, script_id: ScriptId) -> Earlier | None:
    """Return what `existing_images` would copy, without side effects; None if it is nothing or if node ids differ."""
    found = find_images(workspace, script, script_id)
    if found is None or any(new != old for names in found[1].names for new, old in names.items()):
        return None
    return Earlier(found[0], frozenset(map(id, found[1].lines)))


def find_images(workspace: Workspace, script: ScriptPlan, script_id: ScriptId) -> tuple[Session, SessionMatch] | None:
    """Return the latest session in which lines saved images under names chosen at run time, and its match with them.

    The match also contains the lines on which these lines depend.
    """
    if not any(_is_unnamed(workspace, line) for line in script.lines):
        return None
    for session_id in sessions_of(workspace.invoker, script_id):
        try:
            session = workspace.invoker.open(session_id)
        except InvocationError:
            continue
        match = SessionMatch.of(session, script)
        unnamed = [line for line in match.lines if _is_unnamed(workspace, line)]
        found = [line for line in unnamed if saved_images(session, match.nodes_of(line))]
        if found:
            return session, match.only(_with_sources(script, found))
    return None


def _is_unnamed(workspace: Workspace, line: ScriptLine) -> bool:
    """Return True if a line saves images under names that are known only once it runs."""
    return any(path is None for _, path in saved_files(workspace, line))


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

"""What an earlier run of a script has done: which lines its session contains, and which of them are done or failed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from invocations.sessions.journal import SKIPPED
from invocations.sessions.lost_results import refs_at, refs_of
from invocations.values import ImageRef, Ref
from workflows.results import is_sent

if TYPE_CHECKING:
    from invocations.sessions.session import Key, Session

    from .plan import ScriptLine

DONE = "done"  # the outcome of a line whose nodes are all done


class Earlier:
    """The session of an earlier run, with the state of each line of the script."""

    def __init__(self, session: Session, known: frozenset[int]) -> None:
        self.session = session
        self._known = known  # `id()` of each script line that the session contains
        self._open = {line.number for line in session.open_lines}
        self._failed = {line.number for line in session.lines if line.outcome not in ("", DONE, SKIPPED)}
        self._skipped = {line.number for line in session.lines if line.outcome == SKIPPED}

    def knows(self, line: ScriptLine) -> bool:
        """Return True if the session contains a line of the script."""
        return id(line) in self._known

    def is_done(self, line: ScriptLine) -> bool:
        """Return True if no node of a line is left to run."""
        return self.session.expansion.is_done(line.nodes) and self._open.isdisjoint(self._numbers(line))

    def was_skipped(self, line: ScriptLine) -> bool:
        """Return True if a line did not run because its files existed."""
        return not self._skipped.isdisjoint(self._numbers(line))

    def failed(self, line: ScriptLine) -> bool:
        """Return True if a line failed in the earlier run."""
        return not self._failed.isdisjoint(self._numbers(line))

    def saved(self, line: ScriptLine) -> int:
        """Return how many images of a line are saved."""
        return saved_images(self.session, line.nodes)

    def lost(self, line: ScriptLine, exists: Callable[[Ref], bool]) -> list[Key]:
        """Return the results of a finished line whose content or files no longer exist, by node and iteration."""
        kept = [id_ for id_ in line.nodes if saves(self.session, id_) and not is_sent(self.session, id_)]
        kept += [node for node, _ in (line.added.results if line.added else ()) if node not in kept]
        keys = [(id_, path) for id_ in kept for path in self.session.paths(id_)]
        return [key for key in keys if not all(map(partial(_is_whole, exists), refs_at(self.session, key)))]

    def _numbers(self, line: ScriptLine) -> set[int]:
        return self.session.lines_of(line.nodes)


def saves(session: Session, id_: str) -> bool:
    """Return True if a node saves images."""
    return "saves" in session.graph.node_type(id_).spec.roles


def saved_images(session: Session, nodes: Iterable[str]) -> int:
    """Return how many of the image files that nodes of a session have saved still exist."""
    return sum(is_saved(ref) for id_ in nodes if saves(session, id_) for ref in refs_of(session, id_))


def is_saved(ref: Ref) -> bool:
    """Return True if a reference is to a saved image whose file exists."""
    return isinstance(ref, ImageRef) and bool(ref.path) and os.path.isfile(ref.path or "")


def _is_whole(exists: Callable[[Ref], bool], ref: Ref) -> bool:
    """Return True if the content of a reference exists: the file of a saved image, otherwise an entry in the store."""
    return is_saved(ref) if isinstance(ref, ImageRef) and ref.path else exists(ref)

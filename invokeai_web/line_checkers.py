"""Checkers of the lines that clients type: one for lines of no session, and one for each session's workspace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from workflows.completion.checker import LineChecker
from workflows.completion.context import Entry
from workflows.decompile.flatten import ExposedInputs
from workflows.workspace import Workspace

FRESH_S: Final = 5.0  # for how long names of models and files are kept before they are looked up again
Names = Callable[[], tuple[str, ...]]


class EditedLines(LineChecker):
    """The checker of one workspace, with what forms need."""

    @cached_property
    def exposed(self) -> ExposedInputs:
        """Finds the inputs of recipes."""
        return ExposedInputs(self.workspace.catalog)

    def begin(self) -> None:
        """Look up again what may have changed."""
        super().begin()
        self.__dict__.pop("exposed", None)


class LineCheckers:
    """Lends checkers, each to one thread at a time; what a checker has looked up is kept for a few seconds."""

    def __init__(
        self, workspace: Workspace, workspace_of: Callable[[str], AbstractContextManager[Workspace]], shelf: Names
    ) -> None:
        """Create checkers.

        workspace: plans lines of no session
        workspace_of: lends the workspace of a session
        shelf: returns the names of the images that lines can load
        """
        self._workspace, self._workspace_of, self._shelf = workspace, workspace_of, shelf
        self._lock = Lock()
        self._known: WeakKeyDictionary[Workspace, tuple[EditedLines, float]] = WeakKeyDictionary()

    def forget(self) -> None:
        """Look up the names of models and files again at the next line."""
        self._known = WeakKeyDictionary()

    @contextmanager
    def of(self, session_id: str = "") -> Iterator[EditedLines]:
        """Lend the checker of a session, or of lines that belong to none.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        if session_id:
            with self._workspace_of(session_id) as workspace:
                yield self._fresh(workspace)
            return
        with self._lock:
            yield self._fresh(self._workspace)

    def _fresh(self, workspace: Workspace) -> EditedLines:
        checker, since = self._known.get(workspace, (None, 0.0))
        now = time.monotonic()
        if checker is None:
            checker = EditedLines(workspace, folder="", entries=self._entries)
        elif now - since < FRESH_S:
            return checker
        checker.begin()
        self._known[workspace] = checker, now
        return checker

    def _entries(self, folder: str) -> tuple[Entry, ...]:
        """Return the names on the shelf, which has no folders; the folders of this machine are never listed."""
        return tuple(Entry(name, False) for name in self._shelf()) if not folder else ()

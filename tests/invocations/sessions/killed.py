"""A store and a runner that simulate a process that is killed while writing a chosen entry of a session's log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from invocations.events import Event
from invocations.running.base import Job, Run, Runner
from invocations.running.execute import execute
from invocations.sessions.session import JournalEntry
from invocations.storing.entries import entry_from_json, entry_to_json
from invocations.storing.memory import MemoryStore


class Killed(BaseException):
    """Raised where the simulated process is killed."""


class MortalStore(MemoryStore):
    """Stores entries as JSON; the write after `left` others raises Killed, before or after storing its entries."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None
        self.after = False

    def append(self, session_id: str, *entries: JournalEntry) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0 and not self.after:
                raise Killed
        super().append(session_id, *(json_twin(entry, session_id) for entry in entries))
        if self.left is not None and self.left < 0:
            raise Killed


def json_twin(entry: JournalEntry, session_id: str) -> JournalEntry:
    """Return an entry as it would be read from a file."""
    return entry_from_json(json.loads(json.dumps(entry_to_json(entry))), session_id)


class InlineRunner(Runner):
    """Runs each job in the thread that reads its events."""

    def start(self, job: Job) -> Run:
        return InlineRun(job)


class InlineRun(Run):
    """A run without a thread; a simulated kill therefore leaves no thread behind."""

    def __init__(self, job: Job) -> None:
        self._cancelled = False
        self._waiting: list[Event] = []
        self._events = execute(job, self._waiting.append, lambda: self._cancelled)

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Any:
        return next(self._events)

    def cancel(self) -> None:
        self._cancelled = True

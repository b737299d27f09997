"""The workers of a run: which of them are ready, idle, or no longer used."""

from __future__ import annotations

from collections.abc import Callable

from invocations.events import Event

from .base import Workers
from .reports import (
    WorkerExcluded,
    WorkerImporting,
    WorkerInfo,
    WorkerLost,
    WorkerReady,
    WorkerReport,
    WorkerStarting,
)
from .worker_events import EXCLUDED, IMPORTING, LOST, READY, STARTING, changed


class WorkerStates:
    """Keeps the state of each worker, and reports changes; emit: receives the events."""

    def __init__(self, workers: Workers, emit: Callable[[Event], None]) -> None:
        self._workers = workers
        self._emit = emit
        self._session_id = ""
        self._infos: dict[str, WorkerInfo] = {}
        self._excluded: set[str] = set()
        self.idle: dict[str, None] = {}  # ready workers without a task, by how long they have had none
        self.is_started = False

    @property
    def count(self) -> int:
        """How many workers there are, or will be once they are started."""
        return self._workers.size - len(self._excluded)

    def start(self, session_id: str) -> None:
        """Start the workers, unless this was done."""
        if not self.is_started:
            self.is_started, self._session_id = True, session_id
            for info in self._workers.start():
                self._join(info)

    def room(self) -> int:
        """Return the bytes that models may take in each worker, as far as the workers are ready; 0 if not known."""
        return min([info.room for info in self._infos.values()], default=0)

    def device(self, worker: str) -> str:
        """Return the device of a worker that is ready or at work."""
        return self._infos[worker].device

    def assign(self, wanted: str) -> str:
        """Remove and return an idle worker: the wanted one, if it is idle."""
        worker = wanted if wanted in self.idle else next(iter(self.idle))
        del self.idle[worker]
        return worker

    def release(self, worker: str) -> None:
        """Let a worker that has done its task be idle."""
        self._join(self._infos[worker])

    def note(self, report: WorkerReport) -> None:
        """Take note of a report on a worker."""
        if isinstance(report, WorkerStarting):
            self._change(report.worker, STARTING)
        elif isinstance(report, WorkerImporting):
            self._change(report.worker, IMPORTING, library=report.library)
        elif isinstance(report, WorkerReady):
            self._join(report.info)
        elif isinstance(report, WorkerLost):
            self.idle.pop(report.worker, None)
            self._infos.pop(report.worker, None)
            self._change(report.worker, LOST)
        elif isinstance(report, WorkerExcluded):
            self._excluded.add(report.worker)
            self._change(report.worker, EXCLUDED)

    def _join(self, info: WorkerInfo) -> None:
        self._infos[info.id] = info
        self.idle[info.id] = None
        self._change(info.id, READY, info.device)

    def _change(self, worker: str, state: str, device: str = "", library: str = "") -> None:
        self._emit(changed(self._session_id, worker, state, device, library))

"""The rows of workers in a live display: what each worker is doing, or that it is starting or restarting.

In a run with workers or batches, this process has a row too, for the nodes that it runs itself.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import field
from typing import Final

from invocations.frozen import mutable
from invocations.running.workers.worker_events import EXCLUDED, IMPORTING, LOST, STARTING

from .running_task import Task

HERE: Final = ""  # the name of this process
# A worker that gets its next node within this time keeps its row, and this process, which saves images in between, has
# a row after this time, so that the rows do not jump.
GRACE_S: Final = 0.5
WIDE: Final = 60  # minimum width of a terminal, in columns, that shows devices


@mutable
class WorkerRow:
    """A worker: its nodes, the models that it loads for them, and what it did last."""

    name: str
    device: str = ""
    nodes: dict[Hashable, Task] = field(default_factory=dict)
    loads: dict[Hashable, Task] = field(default_factory=dict)
    latest: Task | None = None
    expected: int = 0  # how many more nodes of its batch are about to begin
    idle_since: float = 0.0
    importing: Task | None = None
    absent: Task | None = None  # what is shown while it is starting or restarting

    @property
    def current(self) -> Task | None:
        """What it is doing; of the nodes of a batch, the first one."""
        load, node = next(reversed(self.loads.values()), None), next(iter(self.nodes.values()), None)
        return self.absent or self.importing or load or node


class WorkerRows:
    """The rows of all workers; `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows: dict[str, WorkerRow] = {}

    @property
    def are_several(self) -> bool:
        """Whether there are several workers, so that a task is shown with the name of its worker."""
        return len(self._rows) - (HERE in self._rows) > 1

    def changed(self, worker: str, state: str, device: str = "", library: str = "") -> list[Hashable]:
        """Record the new state of a worker; return the keys of the models that it does not load any more."""
        if state == EXCLUDED:
            return [*self._rows.pop(worker, WorkerRow(worker)).loads]
        row = self._row(worker)
        if state == STARTING:
            row.absent = row.absent or Task("starting", self._clock())
            return []
        row.importing = Task(f"importing {library}", self._clock()) if library else None
        if state == IMPORTING:
            return []
        over = [*row.loads]
        row.nodes.clear()
        row.loads.clear()
        row.expected, row.idle_since, row.device = 0, self._clock(), device or row.device
        if state == LOST:
            row.latest, row.absent = None, Task("restarting", self._clock())
        else:
            row.absent = None
        return over

    def assigned(self, worker: str, key: Hashable, task: Task, batch: int = 1) -> None:
        """Record that a worker has begun to run a node. batch: how many nodes it runs at once"""
        task.began = self._clock()
        row = self._row(worker)
        if not row.expected:
            row.nodes.clear()
        row.expected = (row.expected or batch) - 1
        row.nodes[key] = row.latest = task
        task.owner = self._owner(row, devices=False)

    def loading(self, node: Hashable, key: Hashable, task: Task) -> None:
        """Record that a model is being loaded for a node, if a worker runs that node."""
        for row in self._rows.values():
            if node in row.nodes:
                row.loads[key] = task
                task.owner = self._owner(row, devices=False)

    def ended(self, key: Hashable) -> None:
        """Record that a node has ended, or that a model has been loaded."""
        for row in self._rows.values():
            if row.nodes.pop(key, None) is not None:
                row.idle_since = self._clock()
            row.loads.pop(key, None)

    @property
    def first_begun(self) -> Task | None:
        """The node that workers have been running for longest."""
        nodes = [task for row in self._rows.values() for task in row.nodes.values()]
        return min(nodes, key=lambda task: task.began, default=None)

    def at_work(self) -> list[Task]:
        """Return what each worker is doing, without the idle workers."""
        return [row.current for row in self._sorted() if row.current is not None]

    def shown(self, columns: int) -> list[Task]:
        """Return the rows for a terminal of this width; a worker that became idle a moment ago still has one."""
        recently = self._clock() - GRACE_S
        devices = columns >= WIDE and len({row.device for row in self._rows.values() if row.device}) > 1
        found: list[Task] = []
        for row in self._sorted():
            task = row.current or (row.latest if row.idle_since > recently else None)
            is_quick = row.name == HERE and bool(found) and (not row.current or row.current.began > recently)
            if task is not None and not is_quick:
                task.owner = row.name if row.absent is task else self._owner(row, devices=devices)
                found.append(task)
        return found

    def _sorted(self) -> list[WorkerRow]:
        """Return the rows in the order of their names (w2 before w10), and this process last."""
        return sorted(self._rows.values(), key=lambda row: (row.name == HERE, len(row.name), row.name))

    def _row(self, worker: str) -> WorkerRow:
        return self._rows.setdefault(worker, WorkerRow(worker))

    def _owner(self, row: WorkerRow, *, devices: bool) -> str:
        """Return the name of a worker in front of its tasks, with its device if wanted."""
        if row.name == HERE or not self.are_several:
            return ""
        return f"{row.name} {row.device}" if devices and row.device else row.name

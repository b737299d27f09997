"""A server as the only worker of a run: it runs the nodes with images, tensors or models, one task at a time."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from queue import Empty
from typing import Final

from invocations.events import NodeError
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import (
    StepEmitted,
    StepFailed,
    StepFinished,
    StepStopped,
    WorkerInfo,
    WorkerLost,
    WorkerReady,
    WorkerReport,
)
from invocations.running.workers.task import WorkerTask
from invocations.running.workers.worker_events import NodeWaiting
from invocations.services.errors import ServiceError
from invocations.spec import InvocationSpec

from .connection import ServerConnection
from .images import TravelingImages
from .reports import WORKER, ServerEvents
from .server_nodes import ServerNodes
from .server_session import Arrived, ServerSession
from .task_there import TaskThere

CHECK_S: Final = 5.0  # after this time without an event, the server is asked whether the task still exists
RESTARTED: Final = "it was restarted"


class ServerWorkers(Workers):
    """A server that runs tasks in a session of its own, which is removed at the end.

    types: the types of nodes that the server has. clock: returns seconds
    """

    size = 1
    keeps_order = True

    def __init__(
        self,
        connection: ServerConnection,
        nodes: ServerNodes,
        images: TravelingImages,
        types: Callable[[], Collection[str]],
        *,
        device: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._connection = connection
        self._nodes, self._types, self._device = nodes, types, device
        self._session = ServerSession(connection)
        self._reports: deque[WorkerReport] = deque()
        self._current: TaskThere | None = None
        self._events = ServerEvents(images)
        self._clock = clock
        self._heard_at = 0.0
        self._count = 0

    def title(self, worker: str) -> str:
        return f"the server at {self._connection.address.text}"

    def accepts(self, spec: InvocationSpec) -> bool:
        return spec.type in self._types()

    def start(self) -> Sequence[WorkerInfo]:
        self._reports.clear()
        return [self._info]

    def submit(self, worker: str, task: WorkerTask) -> None:
        self._current = None
        try:
            self._current = self._given(task)
        except ServiceError as error:
            self._reports += [_failed(task, step, error) for step in range(len(task.steps))]

    def next_report(self, seconds: float) -> WorkerReport | None:
        while not self._reports:
            try:
                self._take(self._session.next(seconds))
            except Empty:
                self._check()
                break
        return self._reports.popleft() if self._reports else None

    def cancel(self, worker: str, number: int) -> None:
        if self._current is not None and self._session.cancel() and not self._current.started:
            self._end(self._current, None)  # it was still waiting, so no event says that it has ended

    def kill(self, worker: str) -> None:
        """Leave the task to the server, in a session that is no longer used."""
        self._session.cancel()
        self._session.leave()
        if self._current is not None:
            self._end(self._current, None)

    def close(self) -> None:
        """Remove the sessions on the server, and close the connection."""
        self._session.close()
        self._connection.close()

    @property
    def _info(self) -> WorkerInfo:
        return WorkerInfo(WORKER, self._device)

    def _given(self, task: WorkerTask) -> TaskThere:
        """Add the nodes of a task to the server's session, and let it run them. Raises: ServiceError."""
        self._session.await_end()
        if self._session.open():
            self._nodes.forget()
        nodes: dict[str, int] = {}
        for number, step in enumerate(task.steps):
            self._count += 1
            id_ = f"{step.type}-{self._count}"
            for node in self._nodes.nodes_for(step, id_):
                self._session.add(node)
            nodes[id_] = number
        before = self._session.run([*nodes]) - 1
        self._heard_at = self._clock()
        given = TaskThere(task, nodes, set(nodes.values()))
        if before > 0:
            others = "another task" if before == 1 else f"{before} other tasks"
            where = (task.session_id, task.steps[0].node_id, task.steps[0].type, task.steps[0].path, time.time())
            waiting = NodeWaiting(*where, reason=f"waiting for {others} on the server")
            self._reports.append(StepEmitted(WORKER, task.number, task.attempt, 0, waiting))
        return given

    def _check(self) -> None:
        """Ask whether the task still exists if nothing was heard of it for long; otherwise, nobody would say so."""
        if self._current is None or self._clock() - self._heard_at < CHECK_S:
            return
        self._heard_at = self._clock()
        try:
            ended = self._session.ended()
        except ServiceError as error:
            ended = None if error.code not in ("not_found", "session_missing") else error
        if ended is not None and self._session.is_quiet:
            self._end(self._current, ended)

    def _take(self, arrived: Arrived) -> None:
        """Turn what the server says into reports on the steps of the current task."""
        self._heard_at = self._clock()
        current = self._current
        if current is None:
            return
        if isinstance(arrived, ServiceError):
            self._end(current, arrived)
            return
        if "event" not in arrived:
            self._lost(current)
            return
        step = current.nodes.get(str(arrived.get("node_id", "")))
        try:
            for report in self._events.reports(arrived, current.task, step):
                if isinstance(report, StepFinished):
                    node = current.task.steps[report.step]
                    self._nodes.made(str(arrived["node_id"]), node, report.result.outputs)
                self._reports += current.reported(report)
        except ServiceError as error:  # an image could not be brought back
            if step is not None:
                self._reports += current.reported(_failed(current.task, step, error))
        ends = ServerEvents.end_of(arrived, is_helper=step is None)
        if ends is not None and current.left:
            self._end(current, None if ends.code == "cancelled" else ends)

    def _end(self, current: TaskThere, why: ServiceError | None) -> None:
        """Report that the steps that are left were stopped, or why the server does not answer for them."""
        for step in sorted(current.left):
            if why is None:
                self._reports.append(_stopped(current.task, step))
            else:
                self._reports += current.reported(_failed(current.task, step, why))
        self._current = None

    def _lost(self, current: TaskThere) -> None:
        """Report that events are lost, because the server has ended meanwhile; another session is used from now on."""
        self._session.leave()
        self._current = None
        if current.left:
            self._reports += [WorkerLost(WORKER, RESTARTED), WorkerReady(WORKER, self._info)]


def _failed(task: WorkerTask, step: int, error: ServiceError) -> StepFailed:
    found = NodeError(error.type, error.message, error.code, error.hint, task.steps[step].inputs)
    return StepFailed(WORKER, task.number, task.attempt, step, found)


def _stopped(task: WorkerTask, step: int) -> StepStopped:
    return StepStopped(WORKER, task.number, task.attempt, step)

"""A server as the only worker of a run: it runs the nodes with images, tensors or models, one task at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final

from invocations.events import NodeError
from invocations.frozen import mutable
from invocations.running.workers.base import Workers
from invocations.running.workers.reports import StepFailed, StepReport, StepStopped, WorkerInfo, WorkerReport
from invocations.running.workers.task import WorkerTask
from invocations.services.errors import ServiceError
from invocations.spec import InvocationSpec

from .connection import ServerConnection
from .feed import EventFeed
from .images import TravelingImages
from .reports import ENDS, WORKER, ServerEvents
from .server_nodes import ServerNodes

END_S: Final = 60.0  # how long a run on the server may take to end after its last node
Arrived = Mapping[str, Any] | ServiceError


@mutable
class _Current:
    """The task that the server has: its nodes there by step, and the steps that have no answer yet."""

    task: WorkerTask
    nodes: Mapping[str, int]
    left: set[int]
    began: bool = False


class ServerWorkers(Workers):
    """A server that runs tasks in a session of its own, which is removed at the end.

    types: the types of nodes that the server has. title: what the session is called there
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
        title: str = "",
    ) -> None:
        super().__init__()
        self._connection = connection
        self._nodes, self._images, self._types = nodes, images, types
        self._device, self._title = device, title
        self._session = ""
        self._feed: EventFeed | None = None
        self._arrived: SimpleQueue[Arrived] = SimpleQueue()
        self._reports: deque[WorkerReport] = deque()
        self._current: _Current | None = None
        self._is_running = False  # whether the server has not said yet that the latest run has ended
        self._events = ServerEvents(images.fetch)
        self._count = 0

    def title(self, worker: str) -> str:
        return f"the server at {self._connection.address.text}"

    def accepts(self, spec: InvocationSpec) -> bool:
        return spec.type in self._types()

    def start(self) -> Sequence[WorkerInfo]:
        self._reports.clear()
        return [WorkerInfo(WORKER, self._device)]

    def submit(self, worker: str, task: WorkerTask) -> None:
        try:
            self._current = self._given(task)
        except ServiceError as error:
            self._current = None
            self._reports += [self._failed(task, step, error) for step in range(len(task.steps))]

    def next_report(self, seconds: float) -> WorkerReport | None:
        while not self._reports:
            try:
                arrived = self._arrived.get(timeout=seconds) if seconds else self._arrived.get_nowait()
            except Empty:
                return None
            self._take(arrived)
        return self._reports.popleft()

    def cancel(self, worker: str, number: int) -> None:
        if self._current is not None and self._session:
            with suppress(ServiceError):  # the run ends anyway
                self._connection.json("DELETE", f"/sessions/{self._session}/invocations")

    def kill(self, worker: str) -> None:
        current, self._current = self._current, None
        if current is not None:
            self._reports += [self._stopped(current.task, step) for step in sorted(current.left)]

    def close(self) -> None:
        """Remove the session on the server, and close the connection."""
        if self._feed is not None:
            self._feed.close()
        if self._session:
            with suppress(ServiceError):  # it is still running, or the server is away
                self._connection.json("DELETE", f"/sessions/{self._session}")
        self._session, self._feed = "", None
        self._connection.close()

    def _given(self, task: WorkerTask) -> _Current:
        """Add the nodes of a task to the server's session, and let it run them. Raises: ServiceError."""
        self._await_end()
        session = self._session or self._created()
        nodes: dict[str, int] = {}
        for number, step in enumerate(task.steps):
            self._count += 1
            id_ = f"{step.type}-{self._count}"
            for node in self._nodes.nodes_for(step, id_):
                self._connection.json("POST", f"/sessions/{session}/nodes", node.to_json())
            nodes[id_] = number
        self._connection.json("POST", f"/sessions/{session}/invocations", {"what": [*nodes]})
        self._is_running = True
        return _Current(task, nodes, set(nodes.values()))

    def _created(self) -> str:
        """Create the session on the server and follow its events. Raises: ServiceError."""
        self._nodes.forget()
        found = self._connection.json("POST", "/sessions", {"title": self._title} if self._title else {})
        self._session = str(found["id"])
        self._feed = EventFeed(self._connection, self._session, self._arrived.put, self._arrived.put)
        return self._session

    def _await_end(self) -> None:
        """Wait until the server says that the run of the task before has ended. Raises: ServiceError."""
        self._current = None
        while self._is_running:
            try:
                self._take(self._arrived.get(timeout=END_S))
            except Empty:
                why = f"the server at {self._connection.address.text} does not end the node before"
                raise ServiceError(why, code="server_refused") from None

    def _take(self, arrived: Arrived) -> None:
        """Turn what the server says into reports on the steps of the current task."""
        if isinstance(arrived, ServiceError) or arrived.get("event") in ENDS:
            self._is_running = False
        current = self._current
        if current is None:
            return
        if isinstance(arrived, ServiceError):
            self._end(current, arrived)
            return
        step = current.nodes.get(str(arrived.get("node_id", "")))
        try:
            for report in self._events.reports(arrived, current.task, step):
                if isinstance(report, StepReport) and report.step in current.left:
                    self._add(current, report)
        except ServiceError as error:  # an image could not be brought back
            if step is not None:
                self._add(current, self._failed(current.task, step, error))
        if step is not None and step not in current.left:
            self._nodes.made(str(arrived["node_id"]), self._events.outputs)
        ends = ServerEvents.end_of(arrived, is_helper=step is None)
        if ends is not None and current.left:
            self._end(current, ends)

    def _add(self, current: _Current, report: StepReport) -> None:
        self._reports.append(report)
        if ServerEvents.is_answer(report):
            current.left.discard(report.step)

    def _end(self, current: _Current, why: ServiceError) -> None:
        """Report that the server does not answer for the steps that are left; a cancelled one was stopped."""
        stopped = why.code == "cancelled"
        for step in sorted(current.left):
            report = self._stopped(current.task, step) if stopped else self._failed(current.task, step, why)
            self._reports.append(report)
        current.left.clear()
        self._current = None

    def _failed(self, task: WorkerTask, step: int, error: ServiceError) -> StepFailed:
        found = NodeError(error.type, error.message, error.code, error.hint, task.steps[step].inputs)
        return StepFailed(WORKER, task.number, task.attempt, step, found)

    def _stopped(self, task: WorkerTask, step: int) -> StepStopped:
        return StepStopped(WORKER, task.number, task.attempt, step)

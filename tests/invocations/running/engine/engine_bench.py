"""An engine in a thread of the test, whose clock only the test moves, and clients of it."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from invocations.local import LocalServices, local_catalog
from invocations.running.engine.client import EngineWorkers
from invocations.running.engine.connections import EngineClient
from invocations.running.engine.crashes import Crashes
from invocations.running.engine.idle import Idleness
from invocations.running.engine.link import connect
from invocations.running.engine.listening import listen, lock, release
from invocations.running.engine.messages import greeting
from invocations.running.engine.place import EnginePlace
from invocations.running.engine.server import EngineServer
from invocations.running.engine.turns import Turns
from invocations.running.workers.reports import StepEmitted, StepStarted, WorkerInfo, WorkerReport
from invocations.running.workers.task import TaskStep, WorkerTask
from invocations.running.workers.worker_loop import WorkerLoop
from tests.invocations.running.workers.worker_nodes import settings_with_nodes

FACTS = {"torch": "2", "device": "cpu"}
LONG_S = 60.0  # no test waits this long unless it fails


class EngineBench:
    """An engine at a place in a folder; `now` is the time of its clock, `small`: whether models count as small."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.pressure = 0.0
        self.small = False
        self.unloaded, self.tended = threading.Event(), threading.Event()
        self.status_threads: list[str] = []  # the threads in which the engine asked which models are loaded
        self.messages: list[Mapping[str, Any]] = []
        self.place = EnginePlace(str(folder / "run"), "engine-0")
        settings = settings_with_nodes(folder)
        services, catalog = LocalServices(settings), local_catalog(settings)
        self._held = lock(self.place)
        self.server = EngineServer(
            self.place, listen(self.place),
            lambda send: WorkerLoop("engine", services, catalog, send, progress_s=0.0),
            facts=FACTS, info=WorkerInfo("engine", "cpu", os.getpid()),
            turns=Turns[EngineClient](lambda message: self.small, lambda: self.now),
            idleness=Idleness(lambda: self.now, lambda: self.pressure),
            prepare=self.messages.append, unload=self.unloaded.set, status=self._status, tend=self.tended.set,
        )  # fmt: skip
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.server.run()
        self.server.close()
        release(self.place, self._held)

    def _status(self) -> Mapping[str, Any]:
        self.status_threads.append(threading.current_thread().name)
        return {"models": ["default"]}

    def client(self, mode: str = "on", **how: Any) -> EngineWorkers:
        """Return a client; it fails to start an engine."""

        def refuse() -> int:
            raise OSError(11, "Resource temporarily unavailable")

        start = how.pop("start", refuse)
        return EngineWorkers(mode, lambda: connect(self.place, FACTS), start, Crashes(self.place.crashes), **how)

    def raw(self, facts: Mapping[str, str] | None = FACTS) -> socket.socket:
        """Return a connection on which the test writes lines itself, greeted unless `facts` is None."""
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(LONG_S)
        link.connect(self.place.socket)
        if facts is not None:
            link.sendall(json.dumps(greeting(facts)).encode() + b"\n")
            assert received(link)["protocol"] == 1
        return link

    def ask(self, question: str) -> dict[str, Any]:
        """Ask the engine on a connection of its own."""
        link = connect(self.place, {})
        try:
            return link.ask(question)
        finally:
            link.close()

    def move(self, seconds: float) -> None:
        """Let time pass, and let the engine look at its clock."""
        self.now += seconds
        self.server.wake()

    def close(self) -> None:
        self.server.stop()
        self.thread.join(LONG_S)
        assert not self.thread.is_alive()


NUMBERS = iter(range(1, 10_000))


def a_task(type_: str, count: int = 1, **inputs: Any) -> WorkerTask:
    """Return a task whose steps are all the same."""
    step = TaskStep("n", type_, "1.0.0", (0,), inputs)
    return WorkerTask(next(NUMBERS), 1, "session", (step,) * count)


def heard(workers: EngineWorkers) -> WorkerReport:
    """Return the next report."""
    report = workers.next_report(LONG_S)
    assert report is not None
    return report


def answer(workers: EngineWorkers) -> WorkerReport:
    """Return the next report other than the start of a step and its events."""
    while isinstance(report := heard(workers), (StepStarted, StepEmitted)):
        pass
    return report


def begun(workers: EngineWorkers, task: WorkerTask) -> None:
    """Give a task, and wait until its first step has started."""
    assert [info.id for info in workers.start()] == ["engine"]
    workers.submit("engine", task)
    while isinstance(report := heard(workers), StepEmitted):  # that it waits
        pass
    assert report == StepStarted("engine", task.number, task.attempt, 0)


def received(link: socket.socket) -> dict[str, Any]:
    """Return the next line that arrives; {} if the connection ends."""
    line = b""
    while not line.endswith(b"\n"):
        data = link.recv(1)
        if not data:
            return {}
        line += data
    found: dict[str, Any] = json.loads(line)
    return found

"""The engine's side of the socket: it greets clients, lets their tasks take turns, and answers questions.

The tasks run in a second thread.
"""

from __future__ import annotations

import os
import socket
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from invocations.running.meter import resident_bytes
from invocations.running.workers.reports import StepEmitted, StepReturned, StepStopped, WorkerInfo
from invocations.running.workers.task import WorkerTask, task_from_json
from invocations.running.workers.worker_loop import WorkerLoop

from .connections import Connections, EngineClient, Work
from .idle import CHECK_S, Idleness
from .messages import ENDED, NOTHING, UNLOADED, LineTooLong, difference, encode, greeting
from .place import EnginePlace
from .turns import Turns

CRASHED = 70  # the exit status after an unexpected error
STEP = ("worker", "number", "attempt", "step")  # the fields that say which step an answer is about
Send = Callable[[Mapping[str, Any]], None]


class EngineServer:
    """Serves clients until it is stopped or idle for long.

    listener: a socket that listens. make_loop: makes what runs a client's tasks, given what sends messages to it.
    facts: what must be equal on both sides. info: about this engine. prepare: called before each task with its message.
    unload: unloads models. status: returns which models are loaded; called in the thread for tasks.
    tend: called at least every ten seconds
    """

    def __init__(
        self,
        place: EnginePlace,
        listener: socket.socket,
        make_loop: Callable[[Send], WorkerLoop],
        *,
        facts: Mapping[str, str],
        info: WorkerInfo,
        turns: Turns[EngineClient],
        idleness: Idleness,
        prepare: Callable[[Mapping[str, Any]], None] = lambda message: None,
        unload: Work = lambda: None,
        status: Callable[[], Mapping[str, Any]] = dict,
        tend: Work = lambda: None,
    ) -> None:
        self._socket = place.socket
        self._inode = os.stat(place.socket).st_ino
        self._listener = listener
        self._make_loop = make_loop
        self._facts = facts
        self._info = info
        self._turns = turns
        self._idleness = idleness
        self._prepare = prepare
        self._unload = unload
        self._status = status
        self._tend = tend
        self._held = status()  # as of the latest task: asking while a model is loaded would wait until it is
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        self._is_stopping = False
        self._connections = Connections(listener, self)

    def run(self) -> None:
        """Serve clients, and remove the socket at the end; connections stay open until `close`."""
        worker = threading.Thread(target=self._do_work, name="tasks", daemon=True)
        worker.start()
        while not (self._is_stopping and self._turns.current is None):
            waits = [CHECK_S if self._turns.current else self._idleness.wait_s, self._turns.wait_s]
            self._connections.serve(min([each for each in waits if each is not None]))
            self._tend()
            for client, message in self._turns.impatient():
                self._return(client, message)
            self._check_idle()
        self._work.put(None)
        worker.join()
        self._leave()

    def stop(self) -> None:
        """Stop the task at work and end `run`; a signal handler or another thread may call this."""
        self._connections.post(self._stop)

    def wake(self) -> None:
        """Let `run` look at the clock now; another thread may call this."""
        self._connections.post(lambda: None)

    def close(self) -> None:
        """Close all connections, by which clients notice that the engine has ended; remove the socket."""
        self._leave()
        self._connections.close()

    def receive(self, client: EngineClient, message: Mapping[str, Any]) -> None:
        """Do what a client asks for. Raises: KeyError, TypeError, ValueError, if it cannot be understood."""
        if "protocol" in message and client.loop is None:
            self._greet(client, message)
        elif "ask" in message:
            self._answer(client, message["ask"])
        elif client.loop is None:
            raise ValueError("a task before the greeting")
        elif "task" in message:
            client.loop.note_previews(_checked(message))
            client.is_at_work = True
            if self._is_stopping or not self._turns.add(client, message):
                self._return(client, message)
            self._go_on()
        elif "cancel" in message:
            self._cancel(client, client.loop, message["cancel"])
        elif "previews" in message:
            client.loop.receive({"previews": str(message["previews"])})
        elif "rest" in message:
            client.is_at_work = False

    def gone(self, client: EngineClient) -> None:
        """Stop the tasks of a client that has disconnected."""
        self._turns.drop(client)
        if client.loop is not None:
            client.loop.end()

    def _check_idle(self) -> None:
        """Unload models or stop, if nobody has used the engine for long; also stop if the socket was removed."""
        if self._turns.current is None:
            due = self._idleness.due(is_needed=self._is_needed)
            if due == "unload":
                self._work.put(self._do_unload)
            if due == "end" or not self._is_reachable():
                self._stop()

    def _is_reachable(self) -> bool:
        try:
            return os.stat(self._socket).st_ino == self._inode
        except OSError:
            return False

    def _leave(self) -> None:
        """Stop listening, and remove the socket unless it is that of another engine."""
        if self._is_reachable():
            with suppress(OSError):
                os.unlink(self._socket)
        self._listener.close()

    def _greet(self, client: EngineClient, message: Mapping[str, Any]) -> None:
        """Answer a greeting; a client that does not fit may only ask questions."""
        info = {"pid": self._info.pid, "device": self._info.device}
        self._send(client, {**greeting(self._facts), "info": info})
        if not difference(self._facts, message):
            client.loop = self._make_loop(lambda data: self._post(client, data))

    def _answer(self, client: EngineClient, question: str) -> None:
        is_busy = self._turns.current is not None
        if question == "status":
            clients = sum(each.loop is not None for each in self._connections.clients)
            idle_seconds = 0.0 if is_busy else self._idleness.seconds
            counts = {"clients": clients, "waiting": self._turns.count, "busy": is_busy, "idle_seconds": idle_seconds}
            process = {"pid": self._info.pid, "memory_bytes": resident_bytes()}
            self._send(client, {**process, **self._held, **counts})
        elif question == "stop":
            self._send(client, {"stopping": True})
            self._stop()
        elif question == "free":
            self._free(client, is_busy=is_busy)
        else:
            self._send(client, {"unknown": question})

    def _free(self, client: EngineClient, *, is_busy: bool) -> None:
        """Free memory for another process that has run out of it, as far as no task needs it."""
        if is_busy:
            self._send(client, {"freed": NOTHING})
        elif self._is_needed:
            self._work.put(lambda: self._do_unload(lambda: self._send(client, {"freed": UNLOADED})))
        else:
            self._send(client, {"freed": ENDED})
            self._stop()

    @property
    def _is_needed(self) -> bool:
        """Whether a client is between two tasks of a run."""
        return any(client.is_at_work for client in self._connections.clients)

    def _cancel(self, client: EngineClient, loop: WorkerLoop, number: int) -> None:
        """Stop a task of a client, which may still wait for its turn."""
        for message in self._turns.drop(client):
            self._answer_all(client, message, StepStopped.kind)
        if self._turns.current is client:
            loop.receive({"cancel": number})

    def _go_on(self) -> None:
        """Begin the next task if none is at work, and report their places to the others."""
        found = self._turns.next()
        if found is not None:
            client, message = found
            self._idleness.used()
            self._work.put(lambda: self._do(client, message))
        for waiting, place in self._turns.places():
            self._send(waiting, {"place": place})

    def _do(self, client: EngineClient, message: Mapping[str, Any]) -> None:
        """Do a task; runs in the thread for tasks."""
        assert client.loop is not None
        self._prepare(message)
        client.loop.do(task_from_json(message["task"]))
        self._held = self._status()
        self._connections.post(self._done)

    def _do_unload(self, done: Work = lambda: None) -> None:
        """Unload models, and let the thread that serves call `done`; runs in the thread for tasks."""
        self._unload()
        self._held = self._status()
        self._connections.post(done)

    def _done(self) -> None:
        self._turns.done()
        self._idleness.used()
        self._go_on()

    def _return(self, client: EngineClient, message: Mapping[str, Any]) -> None:
        """Give a task back to its client."""
        self._answer_all(client, message, StepReturned.kind)

    def _answer_all(self, client: EngineClient, message: Mapping[str, Any], kind: str) -> None:
        task = message["task"]
        for step in range(len(task["steps"])):
            answer = {"worker": self._info.id, "number": task["number"], "attempt": task["attempt"], "step": step}
            self._send(client, {**answer, "report": kind})

    def _stop(self) -> None:
        """Give all tasks back; the one at work stops at its next step."""
        self._is_stopping = True
        for client in [*self._connections.clients]:
            if client.loop is not None:
                self._send(client, {"ending": True})
            for message in self._turns.drop(client):
                self._return(client, message)
        if (at_work := self._turns.current) is not None and at_work.loop is not None:
            at_work.loop.end()

    def _send(self, client: EngineClient, data: Mapping[str, Any]) -> None:
        """Send a message."""
        self._connections.send(client, self._line(data))

    def _post(self, client: EngineClient, data: Mapping[str, Any]) -> None:
        """Send a message from the thread for tasks. Raises: TypeError, ValueError, if it is not JSON data."""
        line = self._line(data)
        self._connections.post(lambda: self._connections.send(client, line))

    def _line(self, data: Mapping[str, Any]) -> bytes:
        """Return a message as a line; a task whose answer is too long, or that the engine stops, is given back.

        Raises: TypeError, ValueError, if it is not JSON data.
        """
        if self._is_stopping and data.get("report") == StepStopped.kind:
            data = {**data, "report": StepReturned.kind}
        try:
            return encode(data)
        except LineTooLong:
            if data.get("report") == StepEmitted.kind:
                return b""
            return encode({**{name: data.get(name) for name in STEP}, "report": StepReturned.kind})

    def _do_work(self) -> None:
        try:
            while (work := self._work.get()) is not None:
                work()
        except BaseException:  # clients run their tasks themselves once the process has ended
            with suppress(BaseException):  # the disk may be full
                traceback.print_exc()
            os._exit(CRASHED)


def _checked(message: Mapping[str, Any]) -> WorkerTask:
    """Return the task in a message. Raises: KeyError, TypeError, ValueError, if it is malformed."""
    int(message.get("preview_every", 0))
    return task_from_json(message["task"])

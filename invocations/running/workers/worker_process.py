"""One worker process, and the socket that carries lines of JSON from and to it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from .child import Child, start_child
from .reports import WorkerInfo, WorkerReport, report_from_json

MODULE: Final = "invocations.run_worker"
CHUNK_BYTES: Final = 1 << 16
SEND_S: Final = 60.0  # how long a worker may leave a task unread before it is killed
END_S: Final = 2.0  # how long a process whose socket is closed may take to end before it is killed


class WorkerProcess:
    """A worker process and this end of the socket.

    info: None until the worker is ready. task: the number of its latest task; left: how many steps of it are not
    answered. is_unwanted: whether the worker was killed on purpose
    """

    def __init__(self, process: Child, link: socket.socket) -> None:
        link.settimeout(SEND_S)
        self.process = process
        self.link = link
        self.info: WorkerInfo | None = None
        self.task = self.left = 0
        self.is_unwanted = False
        self._received: list[bytes] = []  # pieces of a line that is not complete; joined once, because it may be long
        self._fault = ""  # why it was killed, if it sent what is not a report

    def send(self, data: Mapping[str, Any]) -> None:
        """Send a message; whoever receives from the worker notices that it has ended."""
        try:
            self.link.sendall(json.dumps(data).encode() + b"\n")
        except OSError:  # the worker has ended, or does not read
            self.process.kill()

    def receive(self) -> Sequence[WorkerReport] | None:
        """Return the reports that have arrived, or None if the worker has ended or sent what is not a report."""
        try:
            data = self.link.recv(CHUNK_BYTES)
        except OSError:
            data = b""
        if not data:
            return None
        try:
            return [report_from_json(json.loads(line)) for line in self._lines(data)]
        except Exception as error:  # the files of the program may have been replaced before the worker started
            self._fault = f"it sent a report that cannot be read: {error!r}"
            return None

    def _lines(self, data: bytes) -> Sequence[bytes]:
        """Add received bytes, and return the lines that are complete."""
        self._received.append(data)
        if b"\n" not in data:
            return []
        *lines, rest = b"".join(self._received).split(b"\n")
        self._received = [rest]
        return lines

    def discard(self) -> None:
        """Kill the worker, and ignore whatever it still sends."""
        self.is_unwanted = True
        self.process.kill()

    def end(self) -> str:
        """Close the socket and wait for the end of the process, which is killed if it is still alive; return why."""
        self.link.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(0.0 if self._fault else END_S)
        self.process.kill()
        return self._fault or self.process.ending()


def start_process(
    worker: str, index: int, settings: Mapping[str, Any], environment: Mapping[str, str]
) -> WorkerProcess:
    """Start a worker process; settings: those of the local services as JSON data. Raises: OSError."""
    if os.name == "nt":
        raise OSError("this system cannot pass sockets to processes")
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        try:
            process = start_child(
                MODULE, str(number), environment=environment, pass_fds=(number,), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError:
            ours.close()
            raise
    found = WorkerProcess(process, ours)
    found.send({"id": worker, "index": index, "settings": settings})
    return found

"""The server for benchmarks: in this process or in one of its own, with clients in another process."""

from __future__ import annotations

import http.client
import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from benchmarks.measure import PYTHON, own_environment

TOKEN = "token-of-the-benchmarks"


@contextmanager
def served(app: Any) -> Iterator[int]:
    """Serve an ASGI application in a thread; yields the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="wsproto", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def server_process(home: str) -> Iterator[tuple[int, int]]:
    """Run `invokeai serve` in a process of its own; yields its port and its process id."""
    command = (PYTHON, "-m", "invokeai_web", "--port", "0", "--in-process")
    environment = {**own_environment(home), "INVOKEAI_TOKEN": TOKEN}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=home)
    try:
        assert process.stdout is not None
        port = 0
        for line in process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/#", line)
            port = int(found[1]) if found else port
            if line.startswith("Ctrl-C"):
                break
        yield port, process.pid
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def readers(port: int, sockets: int, events: int, *sessions: str) -> Iterator[subprocess.Popen[str]]:
    """Connect sockets in another process; when all have subscribed, the block begins."""
    command = (PYTHON, "-m", "benchmarks.socket_reader", str(port), TOKEN, str(sockets), str(events), *sessions)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError("the sockets could not connect")
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str]) -> None:
    """Wait until the sockets of another process have received all events."""
    assert process.stdout is not None
    if process.stdout.readline() != "done\n":
        raise RuntimeError("the sockets did not receive all events")


def request(connection: http.client.HTTPConnection, method: str, path: str, body: Any = None) -> Any:
    """Send a request to the API and return the JSON data of the answer."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body)
    connection.request(method, f"/api/v1{path}", data, headers)
    answer = connection.getresponse()
    found = json.loads(answer.read())
    if answer.status >= 400:
        raise RuntimeError(f"{method} {path}: {found}")
    return found

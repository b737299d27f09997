"""Measure the server: what it adds to runs that sockets watch, and how long requests take while it denoises."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Iterator
from itertools import count

from benchmarks.measure import Row, in_turn, temporary_home
from benchmarks.served import TOKEN, readers, request, served, server_process

SESSIONS = SOCKETS = 4
OVERHEAD_BAR = 1.10
LATENCY_BAR = 3.0
REQUESTS, PAUSE_S = 100, 0.06  # slower than the limit of requests per second
LINE = "t2i a red fox --seed {seed} | blur 2"
SEEDS = count(1)


def rows() -> Iterator[Row]:
    """Run the same lines with and without the server in turn; then ask a server process while it is idle and busy."""
    import torch

    torch.set_num_threads(1)
    with temporary_home() as home, temporary_home() as other:
        server, bare = in_turn((lambda: _through_the_server(home), lambda: _with_the_invoker(other)), 3)
    what = f"{SESSIONS} sessions with {SOCKETS} sockets through the server"
    yield Row(what, server, bare, OVERHEAD_BAR)
    with temporary_home() as home, server_process(home) as (port, _):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        _latencies(connection)
        idle = _latencies(connection)
        line = "t2i a red fox --steps 1000 --seed 1"
        item = request(connection, "POST", "/sessions", {"line": line, "run": True})["item"]["id"]
        while request(connection, "GET", f"/queue/{item}")["state"] != "running":
            time.sleep(PAUSE_S)
        _latencies(connection)  # the model is loaded meanwhile
        busy = _latencies(connection)
        if request(connection, "GET", f"/queue/{item}")["state"] != "running":
            raise RuntimeError("denoising ended before it was measured")
        request(connection, "DELETE", f"/queue/{item}")
        connection.close()
    middle = f"medians {statistics.median(busy):.1f} and {statistics.median(idle):.1f} ms"
    yield Row("95 % of requests while denoising take at most", _p95(busy), _p95(idle), LATENCY_BAR, "ms", middle)


def _through_the_server(home: str) -> float:
    """Return the CPU time of this process, in ms, for one line in each session, with sockets in another process."""
    from invokeai_web.api_app import create_app
    from invokeai_web.options import ServeOptions
    from invokeai_web.server import Server

    options = ServeOptions(in_process=True, requests_per_second=0)
    server = Server.open(options, folder=home, home=home, token=TOKEN)
    try:
        with served(create_app(server)) as port:
            connection = http.client.HTTPConnection("127.0.0.1", port)
            sessions = [request(connection, "POST", "/sessions", {})["id"] for _ in range(SESSIONS)]
            with readers(port, SOCKETS, 1, *sessions):
                start = time.process_time()
                items = []
                for session in sessions:
                    body = {"line": LINE.format(seed=next(SEEDS))}
                    items.append(request(connection, "POST", f"/sessions/{session}/lines", body)["item"]["id"])
                for item in items:
                    if server.coordinator.wait(item).state != "done":
                        raise RuntimeError("a line failed")
                taken = 1000 * (time.process_time() - start)
            connection.close()
        return taken
    finally:
        server.close()


def _with_the_invoker(home: str) -> float:
    """Return the CPU time of this process, in ms, for one line in each of as many sessions."""
    from workflows.workspace import Workspace

    with Workspace.open(home, home=home, settings={"engine": "off", "jobs": "1"}) as workspace:
        sessions = [workspace.invoker.create() for _ in range(SESSIONS)]
        start = time.process_time()
        for session in sessions:
            workspace.attach(session)
            workspace.run(LINE.format(seed=next(SEEDS)))
        return 1000 * (time.process_time() - start)


def _latencies(connection: http.client.HTTPConnection) -> list[float]:
    """Return how long each of a number of requests took, in ms."""
    taken = []
    for _ in range(REQUESTS):
        start = time.perf_counter()
        request(connection, "GET", "/queue/state")
        taken.append(1000 * (time.perf_counter() - start))
        time.sleep(PAUSE_S)
    return taken


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]

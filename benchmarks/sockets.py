"""Measure sockets: events in batches against one message for each event, and the memory of 200 idle sockets."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, in_turn, temporary_home
from benchmarks.served import readers, request, served, server_process, wait_for
from invocations.events import NodeStarted
from invokeai_web.delivery.packets import json_array
from invokeai_web.events.base import Numbered
from invokeai_web.events.local import LocalBus
from invokeai_web.events.public_event import public_event
from invokeai_web.events.publisher import Publisher
from invokeai_web.sockets import Sockets

SOCKETS, EVENTS = 20, 2_000
BATCH_BAR = 1 / 5
IDLE, IDLE_MB = 200, 60.0


def rows() -> Iterator[Row]:
    """Deliver the same events in both ways; then connect idle sockets to a server process and compare its memory."""
    batched, single = in_turn((_in_batches, _one_by_one), 3)
    yield Row(f"{EVENTS} events to {SOCKETS} sockets in batches", batched, single, BATCH_BAR)
    with temporary_home() as home, server_process(home) as (port, pid):
        session = _session(port)
        with readers(port, 1, 1, session):  # whatever the first socket needs is loaded
            before = _resident_mb(pid)
            with readers(port, IDLE - 1, 1, session):
                time.sleep(1)
                grown = _resident_mb(pid) - before
    note = f"{1000 * grown / IDLE:.0f} KB each"
    yield Row(f"memory of {IDLE} idle sockets", grown, IDLE_MB, 1.0, "MB", note)


def _in_batches() -> float:
    """Return the CPU time of this process, in ms, for events that the publisher gathers."""
    bus = LocalBus()
    publisher = Publisher(bus)

    def deliver(sockets: Sockets, sids: list[str]) -> None:
        for event in _events():
            publisher.event("s", event)

    try:
        return _delivered(bus, deliver)
    finally:
        publisher.close()


def _one_by_one() -> float:
    """Return the CPU time of this process, in ms, for a message for each event."""

    def deliver(sockets: Sockets, sids: list[str]) -> None:
        async def emit_all() -> None:
            for number, event in enumerate(_events(), 1):
                await sockets.io.emit("events", json_array([Numbered(number, public_event(event))]), to=sids)

        loop: Any = sockets.loop
        asyncio.run_coroutine_threadsafe(emit_all(), loop).result()

    return _delivered(LocalBus(), deliver)


def _events() -> Iterator[NodeStarted]:
    for number in range(EVENTS):
        yield NodeStarted("s", f"node_{number}", "blur", (), 1.0)


def _delivered(bus: LocalBus, deliver: Any) -> float:
    sockets = Sockets(bus, may_connect=lambda environ: True, check_session=str, cancel=str)
    with served(sockets.app(None)) as port, readers(port, SOCKETS, EVENTS, "s") as process:
        sids = [*sockets.delivery.sids]
        start = time.process_time()
        deliver(sockets, sids)
        wait_for(process)
        return 1000 * (time.process_time() - start)


def _session(port: int) -> str:
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port)
    try:
        return str(request(connection, "POST", "/sessions", {})["id"])
    finally:
        connection.close()


def _resident_mb(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

"""Measure `session` and `stats` for a session with 50,000 nodes against `sessions` for the same store."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.long_sessions import additions
from benchmarks.measure import INVOKEAI, Row, cpu_ms, in_turn, temporary_home
from invocations.local import LocalSettings, local_invoker

NODES, LINES = 50_000, 50
BAR = 3.0
ROUNDS = 7


def fill(home: str) -> None:
    """Store a session of 50 lines and 50,000 nodes that have run."""
    invoker = local_invoker(LocalSettings(Path(home, "data"), Path(home, "cache"), Path(home)))
    session, whole = invoker.create(), additions(NODES)
    for start in range(0, NODES, NODES // LINES):
        part = slice(start, start + NODES // LINES)
        invoker.extend(session.id, replace(whole, nodes=whole.nodes[part], stages=whole.stages[part]))
        deque(invoker.run(session.id, reuse=False), maxlen=0)
    invoker.close()


def rows() -> Iterator[Row]:
    """Run the three commands in turn, each in a new process."""
    with temporary_home() as home:
        fill(home)
        commands = ("session", "stats", "sessions")
        measures = [partial(cpu_ms, (*INVOKEAI, command), home) for command in commands]
        shown, added_up, listed = in_turn(measures, ROUNDS, pick=min)
        yield Row(f"`session` with {NODES} nodes against `sessions`", shown, listed, BAR)
        yield Row(f"`stats` with {NODES} nodes against `sessions`", added_up, listed, BAR)

"""Measure the CPU time per line when resuming a finished script of 1000 lines, without start-up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.measure import INVOKEAI, Row, cpu_ms, in_turn, temporary_home

LINES = 1000
BAR = 0.5  # limit in milliseconds per line


def rows() -> Iterator[Row]:
    """Run a long script once, then measure resuming it in turn with resuming a script of one line."""
    with temporary_home() as home:
        for name, lines in (("short.inv", 1), ("long.inv", LINES)):
            Path(home, name).write_text("".join(f"add {at} 1\n" for at in range(lines)))
            cpu_ms((*INVOKEAI, "-q", "run", name), home)
        commands = [(*INVOKEAI, "-q", "run", name, "--resume") for name in ("short.inv", "long.inv")]
        short, long = in_turn([lambda c=c: cpu_ms(c, home) for c in commands], 5)  # type: ignore[misc]
        note = f"{LINES} lines {long:.0f} ms, one line {short:.0f} ms"
        yield Row("resume a finished script, time per line", (long - short) / (LINES - 1), 1.0, BAR, note=note)

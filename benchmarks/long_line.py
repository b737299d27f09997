"""Measure the cost per stage of a line of 3,000 `add` stages in its own process, without start-up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.measure import BARE_MS, INVOKEAI, PYTHON, Row, cpu_ms, in_turn, temporary_home

STAGES, MAX_US = 3000, 200.0


def rows() -> Iterator[Row]:
    """Compare a script that has one long line with a script that has one short line."""
    with temporary_home() as home:
        short, long = Path(home, "short.inv"), Path(home, "long.inv")
        short.write_text("add 1 2\n")
        long.write_text("add 1 2" + " | add 1" * (STAGES - 1) + "\n")
        commands = [(PYTHON, "-c", "pass"), *((*INVOKEAI, "--no-cache", "run", str(file)) for file in (short, long))]
        bare, short, long = in_turn([partial(cpu_ms, command, home) for command in commands], runs=3)
        bar = MAX_US * bare / BARE_MS
        note = f"bare Python {bare:.1f} ms; limit scaled by {bare / BARE_MS:.2f}"
        yield Row(
            f"a line of {STAGES:,} stages, time per stage",
            1000 * (long - short) / (STAGES - 1),
            bar,
            1.0,
            "us CPU",
            note,
        )

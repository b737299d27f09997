"""Measure the time to plan sweeps of 10,000 items and to refuse larger ones, compared with planning one item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from benchmarks.measure import BARE_MS, PYTHON, Row, cpu_ms, in_turn, temporary_home, timed
from invocations.language.errors import Refusal
from workflows import Workspace

ITEMS, MAX_US, REPEATS = 10_000, 60.0, 20
ONE = "t2i a fox --steps 10 --seed 1 | save '{steps}-{seed}.png'"
LINES = {
    "two axes": "t2i a fox --steps 1..100 --seed 1..100 | save '{steps}-{seed}.png'",
    "one axis": "t2i a fox --steps 10 --seed 1..10000 | save '{steps}-{seed}.png'",
    "a sheet": "t2i a fox --steps 1..100 --seed 1..100 | grid | save sheet.png",
    "a condition": "sweep steps=1..100 seed=1..101 --where 'seed < 101' | t2i a fox | save '{steps}-{seed}.png'",
    "a table": "sweep jobs.csv | t2i a fox | save '{steps}-{seed}.png'",
}
TOO_LARGE = {
    "a range": "t2i a fox --steps 10 --seed 1..1000000 | save '{steps}-{seed}.png'",
    "a product": "t2i a fox --steps 1..1000 --seed 1..1000 | save '{steps}-{seed}.png'",
}


def rows() -> Iterator[Row]:
    """Plan each line in this process, alternating with a line that has one item."""
    with temporary_home() as home:
        Path(home, "jobs.csv").write_text("steps,seed\n" + "".join(f"10,{seed}\n" for seed in range(ITEMS)))
        bare = in_turn([partial(cpu_ms, (PYTHON, "-c", "pass"), home)], runs=5)[0]
        bar, note = MAX_US * bare / BARE_MS, f"bare Python {bare:.1f} ms; limit scaled by {bare / BARE_MS:.2f}"
        with Workspace.open(home) as workspace:
            plan = partial(planning, workspace)
            for name, line in LINES.items():
                one, many = in_turn([plan(ONE), plan(line)], runs=5)
                yield Row(
                    f"plan {ITEMS} items, {name}, time per item", 1000 * (many - one) / ITEMS, bar, 1.0, "us CPU", note
                )
            for name, line in TOO_LARGE.items():
                one, refused = in_turn([plan(ONE, REPEATS), plan(line, REPEATS)], runs=9)
                yield Row(f"refuse a sweep that is too large, {name}", refused, one, 1.2)


def planning(workspace: Workspace, line: str, repeats: int = 1) -> Callable[[], float]:
    """Return a function that plans a line, or refuses it, and returns the CPU time in milliseconds."""

    def plan() -> None:
        for _ in range(repeats):
            with suppress(Refusal):
                workspace.plan(line, most_items=2 * ITEMS)

    return lambda: timed(plan)

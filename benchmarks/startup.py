"""Help, a refused line and completion against `python -c pass`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.measure import INVOKEAI, PYTHON, Row, cpu_ms, in_turn, temporary_home

BAR = 10.0
LINES = {
    "--help": ("--help",),
    "t2i --help": ("t2i", "--help"),
    "--version": ("--version",),
    "a refused line": ("t2i", "a", "red", "fox", "|", "upscale", "--scael", "4"),
    "completion": ("completion", "--complete", "t2i --st"),
    "explain": ("explain", "t2i a red fox | scale 2 | save x.png"),
}


def rows() -> Iterator[Row]:
    """Measure each way in that needs only metadata."""
    with temporary_home() as home:
        commands = [(PYTHON, "-c", "pass"), *((*INVOKEAI, *words) for words in LINES.values())]
        bare, *figures = in_turn([partial(cpu_ms, command, home) for command in commands], runs=9)
        for what, figure in zip(LINES, figures, strict=True):
            yield Row(what, figure, bare, BAR)

"""Measure start-up for help, a refused line, completion and the cheapest line that runs, against `python -c pass`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.measure import INVOKEAI, PYTHON, Row, cpu_ms, cpu_ms_on_a_terminal, in_turn, temporary_home

BAR, TERMINAL_BAR, SUM_BAR = 7.0, 12.0, 14.0
LINES = {
    "--help": ("--help",),
    "t2i --help": ("t2i", "--help"),
    "a refused line": ("t2i", "a", "red", "fox", "|", "upscale", "--scael", "4"),
    "completion": ("__complete", "2", "invokeai", "t2i", "--st"),
}
SUM = ("add", "1", "2")


def rows() -> Iterator[Row]:
    """Measure commands that need only metadata, with and without a terminal, and a single addition."""
    with temporary_home() as home:
        bare = partial(cpu_ms, (PYTHON, "-c", "pass"), home)
        off = [partial(cpu_ms, (*INVOKEAI, *words), home) for words in LINES.values()]
        reference, *figures = in_turn([bare, *off, partial(cpu_ms, (*INVOKEAI, *SUM), home)], runs=9, pick=min)
        for what, figure in zip([*LINES, "add 1 2"], figures, strict=True):
            yield Row(what, figure, reference, SUM_BAR if what == "add 1 2" else BAR)
        shown = {what: words for what, words in LINES.items() if what != "completion"}
        on = [partial(cpu_ms_on_a_terminal, (*INVOKEAI, *words), home) for words in shown.values()]
        reference, *figures = in_turn([bare, *on], runs=9, pick=min)
        for what, figure in zip(shown, figures, strict=True):
            yield Row(f"{what}, on a terminal", figure, reference, TERMINAL_BAR)

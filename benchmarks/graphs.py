"""Measure how the cost of `graph` grows: the CPU time per box in long sessions against sessions with 1000 boxes."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.long_sessions import session
from benchmarks.measure import Row, in_turn, timed
from invocations.sessions.session import Session
from invokeai_cli.render.graphs.drawing import draw
from workflows.charts.build import Material
from workflows.charts.dot import dot
from workflows.charts.mermaid import mermaid

FEW = 1000
BAR = 1.3
ROUNDS = 3


def drawings(shown: Session) -> str:
    """Return what `graph`, `graph --mermaid` and `graph --dot` print for a session."""
    material = Material(lambda kind: "")
    material.add_session(shown)
    chart = material.chart()
    return "\n".join((draw(chart, width=80), mermaid(chart), dot(chart)))


def rows() -> Iterator[Row]:
    """Compare 10,000 one-node lines with 1000, and a chain of 2000 stages with one of 1000."""
    for what, many, chain in (("one-node lines", 10_000, False), ("stages in a chain", 2000, True)):
        sessions = [session(count, chain=chain) for count in (many, FEW)]
        long, short = in_turn([lambda s=s: timed(lambda: drawings(s)) for s in sessions], ROUNDS, pick=min)  # type: ignore[misc]
        yield Row(
            f"graph of {many} {what}, time per box, against {FEW}",
            1000 * long / many,
            1000 * short / FEW,
            BAR,
            "us CPU",
        )

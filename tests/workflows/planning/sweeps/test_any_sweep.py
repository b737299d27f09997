"""Random sweep lines: each is planned or refused, whatever its words are."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from invocations.language.errors import LanguageError, Refusal
from tests.workflows.planning.cook import Cook

WORDS = (
    "seed=1..3", "seed=8..1", "seed=2x", "seed=", "steps=3,4", "steps=1..999999999999", "prompt='a' \"b, c\"", "sed=1",
    "i2i.strength=.3,.5", "i2i.seed=1", "model=default,mine", "tiled=yes,no", "a=1", "jobs.csv", "'x'", "@1", "7",
    "--zip seed,steps", "--zip seed", "--zip-short", "--where 'seed > 1'", "--where seed",
    "--where '1 / (seed - 1) > 0'",
    "--sample 2", "--sample 0", "--limit 3", "--limit", "--nothing", "as s",
)  # fmt: skip
STAGES = (
    "t2i",
    "t2i a fox",
    "i2i a ship",
    "grid",
    "sheet",
    "add @1.a 1",
    "upscale 2",
    "collect",
    "sweep seed=1",
    "nothing",
)


@given(st.lists(st.sampled_from(WORDS), max_size=6), st.lists(st.sampled_from(STAGES), max_size=4))
def test_any_sweep_is_planned_or_refused(words: list[str], stages: list[str]) -> None:
    line = " | ".join([" ".join(["sweep", *words]), *stages])
    made, errors = planned(line)
    assert all(0 <= error.span.start <= error.span.end <= len(line) for error in errors)
    assert errors or (made.axes and {edge.source for edge in made.edges} <= {node.id for node in made.nodes})


def planned(line: str) -> tuple[Any, tuple[LanguageError, ...]]:
    """Return the plan of a line, or its errors."""
    try:
        return Cook()(line), ()
    except Refusal as refused:
        return None, refused.errors

"""Each wrong item among several values is reported, once, at its own place."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.catalog.snapshot import built_in
from invocations.language.source import Source
from workflows.planning.lookup import Objection
from workflows.planning.plan_line import analyze_line


def test_every_wrong_item_of_a_line_is_reported_at_once(cook: Any) -> None:
    assert (
        cook.refusal("t2i a fox --steps 10,x,1..z --seed 4x,0x")
        == """\
error: `steps` takes a whole number, not `x`
  t2i a fox --steps 10,x,1..z --seed 4x,0x
                       ^
error: `z` is not a whole number
  t2i a fox --steps 10,x,1..z --seed 4x,0x
                            ^
  ranges are written 1..8, 1..8:2 (a step), 1..8/4 (how many) or 1..8?4 (how many random numbers)
error: `0x` draws no seeds
  t2i a fox --steps 10,x,1..z --seed 4x,0x
                                        ^^
  write for example 4x"""
    )


@pytest.mark.parametrize(
    ("line", "items"),
    [
        ("t2i a fox --scheduler euler,dd,4x", ["dd", "4x"]),
        ("t2i a fox --scheduler euler,1..4,ddim", ["1..4"]),
        ("t2i a fox --model default,mine,4x", ["mine", "4x"]),
    ],
)
def test_an_unknown_name_among_several_is_reported_once(line: str, items: list[str]) -> None:
    known = ("euler", "ddim", "default")

    def check(field: Any, value: Any, stage: Any) -> Objection | None:
        is_name = field.completes in ("scheduler", "model")
        return Objection("unknown", f"there is no `{value}`") if is_name and value not in known else None

    found = analyze_line(Source(None, line), catalog=built_in(), check=check).errors
    assert [(error.message, line[error.span.start : error.span.end]) for error in found] == [
        (f"there is no `{item}`", item) for item in items
    ]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (
            't2i a fox --steps "1..4"',
            """\
error: `steps` takes a whole number, not `1..4`
  t2i a fox --steps "1..4"
                    ^^^^^^
  to use several values, write 1..4 without quotes""",
        ),
        (
            "t2i a fox --steps '10,20'",
            """\
error: `steps` takes a whole number, not `10,20`
  t2i a fox --steps '10,20'
                    ^^^^^^^
  to use several values, write 10,20 without quotes""",
        ),
    ],
)
def test_a_refused_value_that_could_mean_several_values_has_a_hint(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text

"""The size of a sweep is computed from the numbers of values, before any value is made."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.language.errors import Refusal
from invocations.language.source import Source
from tests.workflows.planning.kitchen import CATALOG
from workflows.planning.plan_line import Plan, analyze_line


def planned(line: str, most: int) -> Plan:
    source = Source(None, line)
    return analyze_line(source, catalog=CATALOG, most_items=most).require_plan(source)


COUNTS = (
    ("add 1 2", 0),
    ("range 1 4 | iterate | add 1", 0),
    ("add 1..3 2", 3),
    ("add 1..3 1..4 | mul 1,2", 24),
    ("add 1..3 4..6 --zip a,b", 3),
    ("t2i a red fox --vary red=blue,green --seed 1,2", 6),
    ("t2i a fox --seed 1..3 | sheet | blur 1,2", 3),
    ("sweep a=1..9 --limit 4 | add --b 1", 4),
)


@pytest.mark.parametrize(("line", "count"), COUNTS, ids=[case[0] for case in COUNTS])
def test_a_plan_knows_how_many_items_its_largest_sweep_has(line: str, count: int) -> None:
    assert planned(line, 100).items == count


REFUSALS = (
    (
        "add 1..5 1..100",
        """\
error: the sweep has 5 x 100 = 500 items
  add 1..5 1..100
      ^^^^^^^^^^^
  to run more than 256, add --yes or --max-items 500""",
    ),
    (
        "t2i a fox --seed 1..300 | grid",
        """\
error: the sweep has 300 items
  t2i a fox --seed 1..300 | grid
                   ^^^^^^
  to run more than 256, add --yes or --max-items 300""",
    ),
    (
        "sweep a=1..300 | add --b 1",
        """\
error: the sweep has 300 items
  sweep a=1..300 | add --b 1
  ^^^^^
  to run more than 256, add --yes or --max-items 300""",
    ),
)


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_the_error_for_a_sweep_above_the_limit_says_how_to_run_it(line: str, text: str) -> None:
    with pytest.raises(Refusal) as caught:
        planned(line, 256)
    assert str(caught.value) == text
    assert planned(line, 500).items in (300, 500)


def test_a_sweep_above_the_limit_is_refused_before_its_values_are_made(monkeypatch: Any) -> None:
    def fail(*_: Any) -> None:
        raise AssertionError("values are made")

    monkeypatch.setattr("invocations.language.ranges.Numbers.values", fail)
    for line in ("add 1..1000000000000 2", "t2i a fox --steps 1..900 --seed 1..1000000"):
        with pytest.raises(Refusal) as caught:
            planned(line, 256)
        assert [error.code for error in caught.value.errors] == ["sweep_too_large"]

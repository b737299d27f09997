"""The list nodes, case by case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from invocations.errors import BadValue

Run = Callable[..., Any]

CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("range", {"start": 1, "stop": 5}, [1, 2, 3, 4]),
    ("range", {"start": 0, "stop": 10, "step": 3}, [0, 3, 6, 9]),
    ("range", {"start": 3, "stop": 0, "step": -1}, [3, 2, 1]),
    ("range", {"start": 3, "stop": 3}, []),
    ("range", {"start": 3, "stop": 0}, []),
    ("range", {"start": 10**30, "stop": 10**30 + 2}, [10**30, 10**30 + 1]),
    ("range", {"start": 10**30, "stop": 0}, []),
    ("linspace", {"start": 0, "stop": 1, "count": 5}, [0, 0.25, 0.5, 0.75, 1]),
    ("linspace", {"start": 1, "stop": -1, "count": 3}, [1, 0, -1]),
    ("linspace", {"start": 2, "stop": 3, "count": 1}, [2]),
    ("linspace", {"start": 0.1, "stop": 0.3, "count": 2}, [0.1, 0.3]),
    ("list", {"values": ["red", "green"]}, ["red", "green"]),
    ("list", {"values": []}, []),
    ("zip", {"a": [1, 2], "b": ["x", "y"]}, [[1, "x"], [2, "y"]]),
    ("zip", {"a": [], "b": []}, []),
    ("product", {"a": [1, 2], "b": ["x", "y"]}, [[1, "x"], [1, "y"], [2, "x"], [2, "y"]]),
    ("product", {"a": [1, 2], "b": []}, []),
    ("slice", {"collection": [1, 2, 3, 4], "start": 1, "stop": 3}, [2, 3]),
    ("slice", {"collection": [1, 2, 3, 4], "start": -2}, [3, 4]),
    ("slice", {"collection": [1, 2, 3, 4], "step": 2}, [1, 3]),
    ("slice", {"collection": [1, 2, 3, 4], "step": -1}, [4, 3, 2, 1]),
    ("slice", {"collection": [1, 2], "start": 7}, []),
    ("pick", {"collection": [1, 2, 3], "index": 0}, 1),
    ("pick", {"collection": [1, 2, 3], "index": -1}, 3),
    ("length", {"collection": [1, "x", None]}, 3),
    ("length", {"collection": []}, 0),
    ("sort", {"collection": [3, 1, 2.5]}, [1, 2.5, 3]),
    ("sort", {"collection": ["b", "a"], "descending": True}, ["b", "a"]),
    ("sort", {"collection": []}, []),
]


@pytest.mark.parametrize(("name", "inputs", "expected"), CASES, ids=[f"{n}-{case[0]}" for n, case in enumerate(CASES)])
def test_list_nodes_return_the_expected_value(run: Run, name: str, inputs: dict[str, Any], expected: Any) -> None:
    assert run(name, **inputs) == expected


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("range", {"start": 0, "stop": 5, "step": 0}, "step", "the step cannot be 0"),
    ("range", {"start": 0, "stop": 100_001}, "stop", "the list would have 100,001 items; the maximum is 100,000"),
    ("range", {"start": 0, "stop": 10**30}, "stop", f"the list would have {10**30:,} items; the maximum is 100,000"),
    ("zip", {"a": [1, 2], "b": [1]}, "b", "one list has 2 items, the other 1"),
    ("product", {"a": [0] * 1000, "b": [0] * 101}, "b", "the list would have 101,000 items; the maximum is 100,000"),
    ("slice", {"collection": [1], "step": 0}, "step", "the step cannot be 0"),
    ("pick", {"collection": [1, 2], "index": 2}, "index", "there is no position 2 in a list of 2 items"),
    ("pick", {"collection": [], "index": 0}, "index", "there is no position 0 in a list of 0 items"),
    (
        "sort",
        {"collection": [1, "x"]},
        "collection",
        "cannot sort numbers and strings together",
    ),
    ("linspace", {"start": float("inf"), "stop": 1, "count": 2}, "stop", "both numbers must be finite"),
    ("linspace", {"start": -1e308, "stop": 1e308, "count": 2}, "stop", "both numbers must be finite"),
]


@pytest.mark.parametrize(("name", "inputs", "field", "message"), REFUSED)
def test_invalid_list_inputs_are_refused(run: Run, name: str, inputs: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(BadValue) as refused:
        run(name, **inputs)
    assert (refused.value.field, str(refused.value)) == (field, message)


@pytest.mark.parametrize("count", [0, 100_001])
def test_linspace_refuses_an_impossible_count(run: Run, count: int) -> None:
    with pytest.raises(ValidationError):
        run("linspace", start=0, stop=1, count=count)

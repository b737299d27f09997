"""The benchmark modules, and the rows that they report."""

from __future__ import annotations

import importlib

import pytest

from benchmarks.__main__ import NAMES
from benchmarks.measure import Row


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_module_has_a_docstring_and_rows(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")
    assert module.__doc__
    assert callable(module.rows)


def test_a_row_reports_whether_its_ratio_is_within_the_limit() -> None:
    assert str(Row("help", 20.0, 10.0, 7.0)).startswith("ok ")
    assert not Row("help", 71.0, 10.0, 7.0).reached

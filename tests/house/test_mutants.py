"""The rows of the mutation check match the code; `make mutants` runs them."""

from __future__ import annotations

from tests.house.mutant_rows import MISSED, ROWS
from tests.house.mutants import wrong_rows


def test_every_mutant_changes_a_line_that_occurs_exactly_once() -> None:
    assert wrong_rows() == []


def test_there_are_at_least_sixty_mutants_and_at_most_two_may_be_missed() -> None:
    assert len(ROWS) >= 60
    assert MISSED == 2
    assert len({(row.file, row.line, row.instead) for row in ROWS}) == len(ROWS)
    assert all(row.line != row.instead for row in ROWS)

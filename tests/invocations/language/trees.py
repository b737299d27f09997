"""Parse lines in the language tests, and return the tree, its only stage or the error codes."""

from __future__ import annotations

import pytest

from invocations.language import Pipeline, Refusal, Source, Stage, parse


def tree(line: str) -> Pipeline:
    """Return the tree of a line."""
    return parse(Source(None, line))


def stage(line: str) -> Stage:
    """Return the only stage of a line."""
    (only,) = tree(line).stages
    return only


def codes(line: str) -> list[str]:
    """Return the codes of all errors in a refused line."""
    with pytest.raises(Refusal) as caught:
        tree(line)
    return [error.code for error in caught.value.errors]

"""A checker of lines in a workspace, and a function that returns what it knows about a text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workflows.completion.checker import LineChecker
from workflows.decompile.flatten import ExposedInputs
from workflows.editing.check import check_text
from workflows.workspace import Workspace

Check = Callable[..., dict[str, Any]]


@pytest.fixture
def checker(workspace: Workspace) -> LineChecker:
    """Return a checker of the lines of a workspace."""
    return LineChecker(workspace, folder=workspace.folder)


@pytest.fixture
def check(checker: LineChecker) -> Check:
    """Return a function that checks a text, with the cursor at its end unless it is given."""
    exposed = ExposedInputs(checker.workspace.catalog)

    def check_(text: str, cursor: int | None = None) -> dict[str, Any]:
        return check_text(checker, text, len(text) if cursor is None else cursor, exposed)

    return check_

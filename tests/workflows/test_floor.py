"""The tests of `workflows` need no application: they pass even if the folder `invokeai_cli` is removed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parent.rglob("*.py"))
FORBIDDEN = ("invokeai_cli", "invokeai_web", "tests.invokeai_cli", "tests.invokeai_web")


def imported(file: Path) -> set[str]:
    """Return the modules that a file imports, including imports inside functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_test_of_the_workflows_imports_an_application(file: Path) -> None:
    assert [name for name in imported(file) if f"{name}.".startswith(tuple(f"{each}." for each in FORBIDDEN))] == []

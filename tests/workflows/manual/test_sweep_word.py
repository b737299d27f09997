"""The help page of `sweep` names everything that can be typed after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.expressions.operations import FUNCTIONS
from invocations.language.declarations import OPTIONS
from workflows.manual import sweep_word
from workflows.manual.page import Rows
from workflows.workspace import Workspace


def test_the_page_lists_every_option_of_a_sweep() -> None:
    page = sweep_word.sweep_page("run lines")
    (rows,) = [block for block in page if isinstance(block, Rows) and block.title == "Options"]
    assert [option.split()[0] for option, _ in rows.rows] == [f"--{name}" for name in OPTIONS]


def test_the_page_names_every_function_of_an_expression() -> None:
    assert [name for name in FUNCTIONS if f" {name}" not in sweep_word.EXPRESSION] == []


@pytest.mark.parametrize("line", [line.strip() for line in sweep_word.EXAMPLES.splitlines()])
def test_the_examples_on_the_page_can_be_planned(workspace: Workspace, tmp_path: Path, line: str) -> None:
    (tmp_path / "jobs.csv").write_text("prompt,name\na fox,first\n")
    assert workspace.plan(line).axes

"""`as NAME` after a prompt names the stage if a later line of the script, or of an inner script, uses the name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.conftest import OpenWorkspace
from workflows.scripts.plan import plan_script
from workflows.scripts.source import from_text

SCRIPTS = (
    (["t2i a man as santa", "blur --image @santa"], [("a man", "santa")]),
    (["t2i a man as santa", "blur --image @1"], [("a man as santa", None)]),
    (
        ["t2i a man as santa", "t2i a boy as santa", "blur --image @santa"],
        [("a man as santa", None), ("a boy", "santa")],
    ),
    (
        ["t2i a man as santa", "t2i --as santa a boy", "blur --image @santa"],
        [("a man as santa", None), ("a boy", "santa")],
    ),
    (["t2i a man as santa", "let x = 1", "set steps 2", "", "| blur 3", "| blend @santa"], [("a man", "santa")]),
    (["t2i a man as santa", "run inner.inv"], [("a man", "santa")]),
    (["run inner2.inv", "blur --image @tree"], [("a tall", "tree")]),
    (["run inner2.inv", "run inner2.inv"], [("a tall as tree", None), ("a tall as tree", None)]),
    (["t2i a ${what} as boat", "| blur 2", "blend --image @boat --other @2"], [("a red", "boat")]),
)


@pytest.mark.parametrize(("lines", "expected"), SCRIPTS)
def test_an_as_clause_after_a_prompt_is_read_as_text_unless_a_later_line_refers_to_the_name(
    open_workspace: OpenWorkspace, tmp_path: Path, lines: list[str], expected: list[tuple[str, str | None]]
) -> None:
    (tmp_path / "inner.inv").write_text("blur 2 --image @santa\n")
    (tmp_path / "inner2.inv").write_text("t2i a tall as tree\n")
    text = "\n".join(["let what = red", *lines, ""])
    script = plan_script(open_workspace(), from_text(text, "a.inv"), "a.inv")
    assert script.errors == []
    plans = [line.plan for line in script.lines if line.plan is not None]
    stages = [(plan, stage) for plan in plans for stage in plan.stages if stage.command == "t2i"]
    found = [
        (next(value.value for value in plan.values if value.input == "text"), stage.name) for plan, stage in stages
    ]
    assert found == expected

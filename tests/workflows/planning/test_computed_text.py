"""Prompts that nodes compute from written values are checked like written prompts."""

from __future__ import annotations

import pytest

from workflows.planning.prompt_lint import lint_prompts
from workflows.workspace import Workspace

WARNING = "unsupported syntax in a prompt is treated as plain words: "
LORA = f"{WARNING}`<lora:x:1>` (LoRAs cannot be used yet; leave it out)"


@pytest.mark.parametrize(
    ("line", "warnings"),
    [
        ("format '{a} <lora:x:1>' fox | t2i --prompt @-1", [LORA]),
        ("format 'a {a}:1>' '<lora:x' | t2i --prompt @-1", [LORA]),
        ("format 'a {} and {}' fox '<lora:x:1>' | t2i --prompt @-1", [LORA]),
        ("list 'a fox' '<lora:x:1>' | join ', ' | t2i --prompt @-1", [LORA]),
        ("list '<lora' 'x:1>' | join : | t2i --prompt @-1", [LORA]),
        ("list fox '<lora:x:1>' | iterate | format 'a {a}' | t2i --prompt @-1", [LORA]),
        ("list fox 'lora:x' | join '<' | format '{a}:1>' | t2i --prompt @-1", [LORA]),
        ("format 'a {a}' fox | t2i --prompt @-1", []),
        ("format '{{a|b}} {a}' fox | t2i --prompt @-1",
         ["treated as plain words: `{a|b}`; add --dynamic to make a prompt for each alternative"]),
        ("replace 'a <lora:x:1> fox' '<lora:x:1>' red | t2i --prompt @-1", []),
        ("random | format 'a fox {a}' | t2i --prompt @-1", []),
    ],
)  # fmt: skip
def test_a_computed_prompt_is_checked(workspace: Workspace, line: str, warnings: list[str]) -> None:
    plan = workspace.plan(line)
    assert list(lint_prompts(plan, workspace.catalog)) == warnings


def test_a_long_chain_of_nodes_is_followed_only_up_to_a_limit(workspace: Workspace) -> None:
    line = "format '{a} <lora:x:1>' fox" + " | format 'a {a}'" * 50 + " | t2i --prompt @-1"
    assert list(lint_prompts(workspace.plan(line), workspace.catalog)) == []

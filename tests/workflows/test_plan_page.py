"""A planned line is shown as rows and as data: its nodes, its values with their origins and its links with reasons."""

from __future__ import annotations

import json
from pathlib import Path

from workflows.plan_page import node_rows, plan_data
from workflows.workspace import Workspace


def test_the_rows_of_a_node_are_its_links_with_their_reasons_and_its_values_with_their_origins(
    workspace: Workspace,
) -> None:
    plan = workspace.plan("range 1 4 | iterate | mul 2")
    assert node_rows(plan, "3", "mul", "runs 3 times") == [
        ("3", "mul", "runs 3 times"),
        ("", "  a", "<- 2.item  piped"),
        ("", "  b", "2  written"),
    ]


def test_a_text_is_quoted_a_boolean_is_yes_or_no_and_a_value_of_the_model_says_so(workspace: Workspace) -> None:
    plan = workspace.plan("t2i 'a fox' --seed 7")
    rows = {name.strip(): text for node in plan.nodes for _, name, text in node_rows(plan, node.id, node.type, "")[1:]}
    assert rows["text"] == '"a fox"  written'
    assert rows["tiled"] == "no  default"
    assert rows["steps"] == "20 (from the model)"


def test_the_data_of_a_plan_name_the_nodes_that_were_added_to_save_an_image(workspace: Workspace, cat: Path) -> None:
    plan = workspace.plan("load cat.png | blur 2")
    data = json.loads(json.dumps(plan_data(plan, workspace.additions(plan), {"2"})))
    assert [(each["type"], each["reuse"]) for each in data["nodes"]] == [
        ("load", True),
        ("blur", False),
        ("save", True),
    ]
    assert [each["reason"] for each in data["edges"]] == ["piped", "saved"]
    assert data["line"] == "load cat.png | blur 2"
    assert {"node": "2", "input": "radius", "value": 2.0, "origin": "written", "model": None} in data["values"]

"""Graphs in JSON files: the tool that wrote a file is recognized, and a file without a graph is refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.importers.comfyui.graphs import BASE
from tests.workflows.importers.test_detect import MINIMAL
from tests.workflows.importers.test_invokeai_graph import LINKS, NODES, editor_form, server_form
from workflows.importers.graph_file import read_graph_file, text_of_graph
from workflows.importers.untrusted import Unreadable

SERVER, EDITOR = server_form(NODES, LINKS), editor_form(NODES, LINKS)


@pytest.mark.parametrize(
    ("data", "tool", "commands"),
    [
        (BASE, "ComfyUI", ["t2i"]),
        ({"prompt": BASE, "client_id": "1"}, "ComfyUI", ["t2i"]),
        ({"output": BASE, "workflow": MINIMAL}, "ComfyUI", ["t2i"]),
        (MINIMAL, "ComfyUI", ["load"]),
        (SERVER, "InvokeAI", ["t2i"]),
        (EDITOR, "InvokeAI", ["t2i"]),
        ({"batch": {"graph": SERVER, "runs": 1}}, "InvokeAI", ["t2i"]),
        ({"workflow": EDITOR, "graph": None}, "InvokeAI", ["t2i"]),
    ],
)
def test_each_form_of_graph_is_recognized(data: Any, tool: str, commands: list[str]) -> None:
    found = read_graph_file(json.dumps(data))
    assert found.tool == tool
    assert [step.command for step in found.steps] == commands


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[1]", "it is not a JSON object"),
        ("{}", "it is not a graph from ComfyUI or InvokeAI"),
        ('{"prompt": {"prompt": {"prompt": {}}}}', "it is not a graph from ComfyUI or InvokeAI"),
        ("[" * 100_000, "it is nested deeper than 64 levels"),
        (json.dumps({str(i): {"class_type": "Odd"} for i in range(100_000)}),
         "it has 100000 nodes; at most 2000 are read"),
        (json.dumps({"nodes": [{"id": i, "type": "Odd"} for i in range(50_000)], "links": []}),
         "it has more than 2000 nodes"),
        (json.dumps({"nodes": {str(i): {"type": "noise"} for i in range(50_000)}, "edges": []}),
         "it has 50000 nodes; at most 2000 are read"),
    ],
)  # fmt: skip
def test_a_string_without_a_graph_is_refused(text: str, why: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        read_graph_file(text)
    assert str(refusal.value) == why


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    (tmp_path / "g.json").write_bytes(b"\xef\xbb\xbf{}")
    assert text_of_graph(tmp_path / "g.json") == "{}"


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"a": "caf\xe9"}')
    with (tmp_path / "large.json").open("wb") as large:
        large.truncate(4 * 2**20 + 1)
    os.mkfifo(tmp_path / "pipe.json")
    for name, why in (
        ("latin.json", "it is not text in UTF-8"),
        ("large.json", "it is larger than 4 MiB"),
        ("pipe.json", "it is not a regular file"),
        (".", "Is a directory"),
        ("nowhere.json", "No such file or directory"),
    ):
        with pytest.raises(Unreadable) as refusal:
            text_of_graph(tmp_path / name)
        assert str(refusal.value) == why

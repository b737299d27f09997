"""The directive `stats`: time and memory by node and by command."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine


def test_sessions_and_history_and_stats_show_the_lines_that_ran(type_: TypeLine) -> None:
    assert type_("history").out == "nothing has been run yet\n"
    type_("-", stdin="add 1 2\ndiv 1 0\n")
    type_("range", "1", "3")
    lines = type_("history", "--json").document["lines"]
    assert [(line["line"], line["outcome"]) for line in lines] == [
        ("add 1 2", "done"), ("div 1 0", "failed"), ("range 1 3", "done"),
    ]  # fmt: skip
    assert len(type_("history", "1").out.splitlines()) == 1
    newest, oldest = type_("sessions", "--json").document["sessions"]
    assert (newest["first_line"], oldest["first_line"], oldest["lines"]) == ("range 1 3", "add 1 2", 2)
    shown = type_("session", "show", oldest["id"], "--json").document
    assert shown["results"] == [{"node": "1", "path": [], "outputs": {"value": 3}}]
    assert shown["errors"][0]["node"] == "2"
    stats = type_("stats", oldest["id"], "--json").document
    assert stats["commands"]["add"]["run"] == 1
    assert "add" in type_("stats", oldest["id"]).out
    assert "failed: division by zero" in type_("session", "show", oldest["id"]).out


def test_stats_show_the_time_and_memory_of_each_node_and_command(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (600, 400), "teal").save(tmp_path / "teal.png")
    lines = "load teal.png | blur 3\nrange 1 4 | iterate | mul 2\ndiv 1 0\n"
    type_("-", "--keep-going", "--no-cache", stdin=lines)
    stats = type_("stats", "--json").document
    nodes = {node["node"]: node for node in stats["nodes"]}
    assert nodes["2"]["peak_bytes"] > 600 * 400 * 3
    assert 0 <= nodes["2"]["grown_bytes"] <= nodes["2"]["peak_bytes"]
    assert (nodes["5"]["run"], nodes["5"]["peak_bytes"]) == (3, None)  # an addition is too fast to be measured
    assert (nodes["6"]["run"], nodes["6"]["failed"]) == (1, 1)
    assert set(stats["commands"]) == {node["type"] for node in stats["nodes"]}
    result = type_("stats").out
    rows = result.splitlines()
    head = next(line for line in rows if line.startswith("node "))
    places = [head.index(name) for name in ("command", "outcome", "time", "memory")]
    blur = next(line for line in rows if line.startswith("2 "))
    parts = [blur[start:end].rstrip() for start, end in zip(places, [*places[1:], None], strict=True)]
    assert parts[:2] == ["blur", "run"]
    assert re.fullmatch(r"[\d.]+ \w+", parts[2])
    assert re.fullmatch(r"[\d.]+ .B \+[\d.]+ k?M?B", parts[3])
    assert re.search(r"\n2 +blur +run +\S+ \w+ +[\d.]+ .B \+[\d.]+ k?M?B\n", result)
    assert re.search(r"\n5 +mul +run 3 x ", result)
    assert re.search(r"\n6 +div +failed ", result)
    assert "\nmemory: peak of the program" in result


def test_stats_show_which_nodes_were_cached(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (60, 40), "teal").save(tmp_path / "teal.png")
    for _ in range(2):
        type_("load teal.png | blur 3")
    assert re.search(r"\n2 +blur +cached ", type_("stats").out)
    assert type_("stats", "--json").document["commands"]["blur"] == {
        "run": 0, "reused": 1, "failed": 0, "seconds": pytest.approx(0, abs=5),
        "peak_bytes": None, "grown_bytes": None, "device_bytes": None,
    }  # fmt: skip

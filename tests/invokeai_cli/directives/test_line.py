"""The directive `line` prints the line that generated an image, with notes, or reports an error."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from invocations.services.images.metadata import GRAPH, read_metadata
from tests.invokeai_cli.conftest import TypeLine

pytestmark = pytest.mark.usefixtures("scripted")


def graph_in(path: Path) -> Any:
    return read_metadata(path).graph


def as_made(graph: Any) -> list[tuple[str, str]]:
    """Return the types and inputs of a graph's nodes, without ids and save targets."""
    nodes = [
        (node["type"], {k: v for k, v in node["inputs"].items() if k != "target"}) for node in graph["nodes"].values()
    ]
    return sorted((type_, json.dumps(inputs, sort_keys=True)) for type_, inputs in nodes)


def test_133_the_line_printed_for_an_image_builds_an_identical_graph(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a red fox --steps 3 --negative 'a | b' | scale 2 | save fox.png")
    seed = graph_in(tmp_path / "fox.png")["nodes"]["1.noise"]["inputs"]["seed"]
    result = type_("line", "fox.png")
    line = f't2i "a red fox" --negative "a | b" --model default --steps 3 --seed {seed} | scale 2 | save fox.png'
    assert (result.status, result.out, result.err) == (0, line + "\n", "")
    type_(result.out.strip().replace("fox.png", "again.png"))
    assert as_made(graph_in(tmp_path / "again.png")) == as_made(graph_in(tmp_path / "fox.png"))
    assert len(graph_in(tmp_path / "again.png")["edges"]) == len(graph_in(tmp_path / "fox.png")["edges"])
    assert (tmp_path / "again.png").stat().st_size > 0


def test_132_an_image_from_several_connected_lines_is_printed_as_one_line(type_: TypeLine, tmp_path: Path) -> None:
    type_("-", stdin="t2i a fox --seed 7 --steps 2 as fox\n| blur 1\nblend --image @fox --other @2 | save mixed.png\n")
    line = type_("line", "mixed.png").out.strip()
    assert line.startswith('t2i --as t2i "a fox" --model default --steps 2 --seed 7')
    type_(line.replace("mixed.png", "again.png"))
    assert as_made(graph_in(tmp_path / "again.png")) == as_made(graph_in(tmp_path / "mixed.png"))


def test_line_as_json_states_the_tool_and_whether_the_graph_is_identical(type_: TypeLine) -> None:
    name = type_("t2i", "fox", "--seed", "7").out.strip()
    assert type_("line", name, "--json").document == {
        "schema": "line/1", "line": "t2i fox --model default --seed 7", "tool": "invokeai-cli", "identical": True,
        "notes": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({}, "it has no metadata from this program or another known tool"),
        ({GRAPH: "{"}, "its graph is damaged"),
        ({GRAPH: "[" * 100_000}, "its graph is damaged"),
        ({GRAPH: '{"nodes": {"1": {"id": "1", "type": "' + "x" * 50 + '"}}}'}, "its graph cannot be used here"),
        (
            {GRAPH: '{"nodes": {"1": {"id": "1", "type": "add", "inputs": {"a": {"kind": "image"}}}}}'},
            "its graph cannot",
        ),
        (
            {GRAPH: '{"nodes": {"1": {"id": "1", "type": "add", "inputs": {"a": ' + "[" * 300 + "]" * 300 + "}}}}"},
            "its graph is damaged",
        ),
        (
            {GRAPH: json.dumps({"nodes": {str(i): {"id": str(i), "type": "random"} for i in range(5000)}})},
            "its graph cannot be written as a line: it has 5000 nodes",
        ),
        ({GRAPH: '{"nodes": [], "edges": 5}'}, "its graph cannot be used here"),
        ({GRAPH: '{"nodes": {}, "edges": []}'}, "its graph cannot be written as a line: it has no nodes"),
        ({"invokeai:line": "| blur 2"}, "its line cannot be planned on its own"),
        ({"invokeai:line": "t2i fox | nowhere"}, "there is no command `nowhere`"),
        ({"invokeai:line": "add 1 2 | " * 20_000 + "add 1"}, "its line cannot be planned on its own: it is too long"),
        ({"invokeai:line": "help"}, "its line cannot be planned on its own"),
        ({"invokeai_metadata": "{}", "prompt": "{}", "sd-metadata": "[]", "Dream": '"'}, "it has no metadata"),
    ],
)
@pytest.mark.parametrize("word", ["line", "replay"])
def test_an_image_without_provenance_is_refused_without_a_traceback(
    type_: TypeLine, image_file: Any, word: str, texts: dict[str, str], error: str
) -> None:
    result = type_(word, image_file("evil.png", texts))
    assert (result.status, result.out) == (1, "")
    assert error in result.err


def test_a_file_that_is_not_an_image_is_refused(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no")
    for name in ("a.png", "nowhere.png", "."):
        result = type_("line", name)
        assert (result.status, result.out) == (1, "")
        assert "cannot be read as an image" in result.err


def test_without_a_recorded_graph_the_recorded_line_is_planned(type_: TypeLine, image_file: Any) -> None:
    result = type_("line", image_file("a.png", {"invokeai:line": "t2i a \x1b[31mfox --steps 3 | save /tmp/x.png"}))
    assert result.out == 't2i "a [31mfox" --model default --steps 3 | save /tmp/x.png\n'
    assert result.err == ("the file contains no usable graph: only its line is used\nthe line writes `/tmp/x.png`\n")


def test_invisible_characters_in_a_recorded_graph_are_removed(type_: TypeLine, image_file: Any) -> None:
    node = {"id": "1", "type": "replace", "inputs": {"text": "a\u001b[2J\u202eb", "old": "a", "new": "b"}}
    result = type_("line", image_file("a.png", {GRAPH: json.dumps({"nodes": {"1": node}, "edges": []})}))
    assert result.out.startswith("replace a[2Jb a b")
    assert result.err == "invisible characters were removed from `replace`\n"


def test_the_output_of_line_and_replay_cannot_be_piped_into_a_stage(type_: TypeLine) -> None:
    assert "cannot be piped" in type_("replay fox.png | blur 2").err
    assert "cannot be piped" in type_("line", "fox.png", "|", "blur").err
    shell = "  write it on a line of its own; to pass its output on, use your shell: invokeai models | grep WORD\n"
    assert type_("models | blur").err == f"error: `models` is a shell directive and cannot be piped\n{shell}"


PROBE = """
import json, sys
from invokeai_cli.__main__ import main
try:
    main(["line", sys.argv[1]])
finally:
    heavy = {"torch", "diffusers", "PIL", "numpy", "pydantic", "typer", "rich", "sqlite3"}
    sys.stderr.write(json.dumps(sorted(heavy & set(sys.modules))))
"""


@pytest.mark.parametrize("foreign", [False, True])
def test_136_the_line_of_a_png_is_printed_without_heavy_imports(
    foreign: bool, type_: TypeLine, image_file: Any, tmp_path: Path
) -> None:
    text = "a fox\nSteps: 5, Sampler: Euler a, Seed: 3, Model: default"
    name = image_file("a.png", {"parameters": text}) if foreign else type_("t2i", "fox", "--seed", "7").out.strip()
    done = subprocess.run(
        [sys.executable, "-c", PROBE, name],
        cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=240, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "[]")
    assert done.stdout.startswith("t2i ")


GRAPH_FILE = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
    "2": {"class_type": "ImageSharpen", "inputs": {"image": ["1", 0], "alpha": 2}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}


def test_the_line_for_a_graph_file_is_printed_with_notes(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "Flow.JSON").write_text(json.dumps(GRAPH_FILE))
    result = type_("line", "Flow.JSON")
    assert (result.status, result.out) == (0, "load cat.png\n")
    assert result.err == (
        "generation starts from the file `cat.png` in ComfyUI's input folder\n"
        "node 2 `ImageSharpen` is not supported: alpha 2\n"
        "the line reads `cat.png`\n"
    )
    assert type_("line", "Flow.JSON", "--json").document["tool"] == "ComfyUI"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "it is not a graph from ComfyUI or InvokeAI"),
        (None, "No such file or directory"),
    ],
)
def test_a_file_that_is_not_a_graph_is_refused(type_: TypeLine, tmp_path: Path, text: str | None, why: str) -> None:
    if text is not None:
        (tmp_path / "a.json").write_text(text)
    result = type_("line", "a.json")
    assert (result.status, result.out) == (1, "")
    assert result.err == (
        f"error: `a.json` cannot be read as a graph: {why}\n"
        "  ComfyUI saves graphs with Save and with Export (API), InvokeAI with Save Workflow\n"
    )


def test_an_unreadable_graph_in_an_image_is_reported_with_the_reason(type_: TypeLine, image_file: Any) -> None:
    result = type_("line", image_file("a.png", {"prompt": json.dumps({"1": GRAPH_FILE["2"]})}))
    assert (result.status, result.out) == (1, "")
    assert "its ComfyUI graph cannot be read: it has no node that saves an image" in result.err

"""An image's own line: `line` prints it, `replay` shows its plan and runs it, `--check` compares."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from invocations.services.images.metadata import read_metadata
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.scripted import ScriptedGeneration

GRAPH = "invokeai:graph"


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    from invocations.local import LocalServices

    monkeypatch.setattr(LocalServices, "generation", property(lambda services: ScriptedGeneration(services.images)))


@pytest.fixture
def image_file(tmp_path: Path) -> Callable[..., str]:
    """Make an image file with text metadata: image_file("a.png", {"parameters": "a fox"})."""

    def make(name: str, texts: dict[str, str]) -> str:
        info = PngInfo()
        for key, text in texts.items():
            info.add_text(key, text, zip=len(text) > 1000)
        Image.new("RGB", (8, 8)).save(tmp_path / name, pnginfo=info)
        return name

    return make


def graph_in(path: Path) -> Any:
    return read_metadata(path).graph


def as_made(graph: Any) -> list[tuple[str, str]]:
    """Return the types and inputs of a graph's nodes, without ids and save targets."""
    nodes = [
        (node["type"], {k: v for k, v in node["inputs"].items() if k != "target"}) for node in graph["nodes"].values()
    ]
    return sorted((type_, json.dumps(inputs, sort_keys=True)) for type_, inputs in nodes)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_133_the_line_of_an_image_makes_the_identical_graph(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a red fox --steps 3 --negative 'a | b' | scale 2 | save fox.png")
    seed = graph_in(tmp_path / "fox.png")["nodes"]["1.noise"]["inputs"]["seed"]
    result = type_("line", "fox.png")
    line = f't2i "a red fox" --negative "a | b" --model default --steps 3 --seed {seed} | scale 2 | save fox.png'
    assert (result.status, result.out, result.err) == (0, line + "\n", "")
    type_(result.out.strip().replace("fox.png", "again.png"))
    assert as_made(graph_in(tmp_path / "again.png")) == as_made(graph_in(tmp_path / "fox.png"))
    assert len(graph_in(tmp_path / "again.png")["edges"]) == len(graph_in(tmp_path / "fox.png")["edges"])
    assert (tmp_path / "again.png").stat().st_size > 0


def test_132_lines_that_continue_others_become_one_line(type_: TypeLine, tmp_path: Path) -> None:
    type_("-", stdin="t2i a fox --seed 7 --steps 2 as fox\n| blur 1\nblend --image @fox --other @2 | save mixed.png\n")
    line = type_("line", "mixed.png").out.strip()
    assert line.startswith('t2i "a fox" --model default --steps 2 --seed 7')
    type_(line.replace("mixed.png", "again.png"))
    assert as_made(graph_in(tmp_path / "again.png")) == as_made(graph_in(tmp_path / "mixed.png"))


def test_line_as_json_has_the_tool_and_whether_the_graph_is_the_same(type_: TypeLine) -> None:
    name = type_("t2i", "fox", "--seed", "7").out.strip()
    assert type_("line", name, "--json").document == {
        "schema": "line/1", "line": "t2i fox --model default --seed 7", "tool": "invokeai-cli", "identical": True,
        "notes": [],
    }  # fmt: skip


def test_a_line_that_reads_or_replaces_files_has_a_note(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "cat.png")
    type_("load cat.png | flip | save b.png --overwrite")
    result = type_("line", "b.png")
    assert result.out == "load cat.png | flip | save b.png --overwrite\n"
    assert result.err == "it reads `cat.png`\nits `save` overwrites a file of the same name\n"


def test_replay_shows_the_plan_and_saves_under_a_new_name_in_the_output_folder(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png --overwrite")
    before = (tmp_path / "fox.png").read_bytes()
    result = type_("replay", "fox.png", "--output", "there", "--overwrite")
    assert (result.status, result.out) == (0, "there/000001-7-a-fox.png\n")
    assert (tmp_path / "fox.png").read_bytes() == before
    assert 't2i "a fox" --model default --steps 2 --seed 7' in result.err.splitlines()[0]
    assert "1.noise    noise" in result.err
    assert "added to save the image" in result.err
    with Image.open(tmp_path / result.out.strip(), formats=["PNG"]) as image:
        assert image.getpixel((0, 0)) == (7, 2, 30)


@pytest.mark.parametrize(
    "words", [("replay", "fox.png", "--set", "steps=5", "-q"), ("-q", "replay fox.png --set steps=5")]
)
def test_replay_set_overrides_written_inputs(type_: TypeLine, tmp_path: Path, words: tuple[str, ...]) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_(*words)
    with Image.open(tmp_path / result.out.strip(), formats=["PNG"]) as image:
        assert image.getpixel((0, 0)) == (7, 5, 30)


def test_replay_can_set_the_prompt(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_("replay", "fox.png", "--set", "prompt=a dog | save x.png", "--set", "t2i.seed=9", "-q")
    assert result.out == "000001-9-a-dog-save-x.png.png\n"
    assert files(tmp_path) == ["000001-9-a-dog-save-x.png.png", "fox.png"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("replay", "fox.png", "--set", "stepz=5"), "no command has an input `stepz`"),
        (("replay", "fox.png", "--set", "radius=5"), "no stage of the image's line has an input `radius`"),
        (("replay", "fox.png", "--set", "steps=many"), "`steps` takes a whole number, not `many`"),
        (("replay", "fox.png", "--set", "steps=0"), "`steps` must be 1 to 1000, not 0"),
        (("replay fox.png --set steps",), "`--set steps` is not of the form INPUT=VALUE"),
        (("replay", "fox.png", "--check", "--set", "steps=5"), "`--check` and `--set` cannot be combined"),
        (("replay", "fox.png", "--foo"), "`replay` has no option `--foo`"),
        (("replay",), "`replay` needs an argument: IMAGE"),
        (("line",), "`line` needs an argument: IMAGE"),
    ],
)
def test_incorrect_use_is_refused(type_: TypeLine, words: tuple[str, ...], error: str) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_(*words)
    assert (result.status, result.out) == (2, "")
    assert f"error: {error}" in result.err


def test_check_reports_equal_and_leaves_no_file(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_("replay", "fox.png", "--check")
    assert (result.status, result.out) == (0, "fox.png: equal\n")
    assert files(tmp_path) == ["fox.png"]
    document = type_("replay", "fox.png", "--check", "--json").document
    assert document == {
        "schema": "replay-check/1", "picture": "fox.png", "equal": True, "psnr": None, "pictures": 1,
    }  # fmt: skip


def test_check_reports_the_difference_and_exits_with_1(type_: TypeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    monkeypatch.setattr(ScriptedGeneration, "blue", 31)
    result = type_("replay", "fox.png", "--check")
    assert (result.status, result.out) == (1, "fox.png: different, PSNR 52.9 dB\n")
    monkeypatch.setattr("invocations.versions.versions", lambda: {"torch": "0"})
    assert "made with pillow " in type_("replay", "fox.png", "--check").out


def test_check_finds_the_image_among_those_of_a_loop(type_: TypeLine, tmp_path: Path) -> None:
    type_("range 3 6 | iterate | t2i a fox --seed @-1 --steps 2 | save {seed}.png")
    assert files(tmp_path) == ["3.png", "4.png", "5.png"]
    document = type_("replay", "4.png", "--check", "--json").document
    assert (document["equal"], document["pictures"]) == (True, 3)


def test_a_file_is_read_only_when_allowed(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "cat.png")
    type_("load cat.png | flip | save b.png")
    result = type_("replay", "b.png")
    assert (result.status, result.out) == (1, "")
    assert result.err.endswith("error: the image's line reads `cat.png`\n  to allow it: --allow-files\n")
    assert type_("replay", "b.png", "--allow-files").out == "000001.png\n"
    assert type_("replay", "b.png", "--allow-files", "--check").out == "b.png: equal\n"


def test_brackets_in_a_file_name_are_literal(type_: TypeLine) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save 'fox[1].png'")
    assert type_("replay", "fox[1].png", "--check").out == "fox[1].png: equal\n"


def test_a_plugin_node_runs_only_when_allowed(type_: TypeLine, isolated_home: Path, tmp_path: Path) -> None:
    nodes = isolated_home / "config" / "nodes"
    nodes.mkdir(parents=True)
    (nodes / "mirror.py").write_text(
        "from invocations.invocation import ImageRef, Invocation, invocation\n"
        "from invocations.fields import input_field\n"
        "from invocations.outputs import ImageOutput\n"
        '@invocation("mirror", title="Mirror", category="own", version="1.0.0", examples=("t2i fox | mirror",))\n'
        "class Mirror(Invocation):\n"
        '    """Give a picture back."""\n'
        '    image: ImageRef = input_field(primary=True, description="picture")\n'
        "    def invoke(self, context) -> ImageOutput:\n"
        "        return ImageOutput(image=self.image)\n"
    )
    assert type_("t2i a fox --seed 7 --steps 2 | mirror | save fox.png").status == 0
    result = type_("replay", "fox.png")
    assert (result.status, result.out) == (1, "")
    assert "the image's line uses the plug-in `mirror`" in result.err
    assert type_("replay", "fox.png", "--allow-files", "--check").out == "fox.png: equal\n"


def hostile(**inputs: Any) -> str:
    """Return the graph of `load | save` with some inputs changed."""
    nodes = {
        "1": {"id": "1", "type": "load", "inputs": {"source": "x.png", **inputs.get("load", {})}},
        "2": {"id": "2", "type": "save", "inputs": {"target": "y.png", **inputs.get("save", {})}},
    }
    edge = {"source": "1", "output": "image", "target": "2", "input": "image"}
    return json.dumps({"nodes": nodes, "edges": [edge]})


@pytest.mark.parametrize("target", ["/etc/cron.d/x.png", "~/.bashrc.png", "../../x.png", "-", "a/{seed}.png"])
def test_an_image_never_decides_where_replay_writes(
    type_: TypeLine, image_file: Any, tmp_path: Path, target: str
) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "x.png")
    name = image_file("evil.png", {GRAPH: hostile(save={"target": target, "overwrite": True})})
    result = type_("replay", name, "--allow-files")
    assert (result.status, result.out) == (0, "x.png\n")
    assert files(tmp_path) == ["evil.png", "x.png"]
    assert "it writes" in type_("line", name).err or not target.startswith(("/", "~", ".."))


def test_an_image_never_uses_the_network(type_: TypeLine, image_file: Any) -> None:
    name = image_file("evil.png", {GRAPH: hostile(load={"source": "http://127.0.0.1:9/x.png", "allow_url": True})})
    result = type_("replay", name, "--allow-files")
    assert (result.status, result.out) == (1, "")
    assert "error: the image's line would use the network" in result.err


def test_a_model_given_as_a_path_counts_as_a_file(type_: TypeLine, image_file: Any) -> None:
    model = {"id": "1", "type": "model", "inputs": {"name": "/tmp/evil"}}
    result = type_("replay", image_file("evil.png", {GRAPH: json.dumps({"nodes": {"1": model}, "edges": []})}))
    assert result.status in (1, 4)
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("texts", "error"),
    [
        ({}, "it has no metadata of this program or of another known tool"),
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


def test_an_image_with_only_a_line_is_planned_from_it(type_: TypeLine, image_file: Any) -> None:
    result = type_("line", image_file("a.png", {"invokeai:line": "t2i a \x1b[31mfox --steps 3 | save /tmp/x.png"}))
    assert result.out == 't2i "a [31mfox" --model default --steps 3 | save /tmp/x.png\n'
    assert result.err == ("the file holds no usable graph: this is its line only\nit writes `/tmp/x.png`\n")


def test_invisible_characters_in_a_recorded_graph_are_removed(type_: TypeLine, image_file: Any) -> None:
    node = {"id": "1", "type": "replace", "inputs": {"text": "a\u001b[2J\u202eb", "old": "a", "new": "b"}}
    result = type_("line", image_file("a.png", {GRAPH: json.dumps({"nodes": {"1": node}, "edges": []})}))
    assert result.out.startswith("replace a[2Jb a b")
    assert result.err == "invisible characters were removed from `replace`\n"


def test_an_image_of_another_tool_is_imported_and_replayed(type_: TypeLine, image_file: Any, tmp_path: Path) -> None:
    text = 'a fox" | save /etc/passwd\nSteps: 5, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 64x64, Tiling: True'
    result = type_("line", image_file("a.png", {"parameters": text}))
    assert result.out == (
        "t2i 'a fox\" | save /etc/passwd' --steps 5 --guidance 7 --scheduler euler_a --seed 3 --width 64 --height 64\n"
    )
    assert result.err == "`Tiling: True` is not supported\n"
    result = type_("replay", "a.png")
    assert result.status == 0
    with Image.open(tmp_path / result.out.strip(), formats=["PNG"]) as image:
        assert (image.size, image.getpixel((0, 0))) == ((64, 64), (3, 5, 30))


def test_a_jpeg_of_ours_is_replayed_from_its_parameters(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a (red)1.3 fox --seed 7 --steps 2 | save fox.jpg")
    result = type_("line", "fox.jpg")
    assert result.out.startswith('t2i "a (red)1.3 fox" --model default --steps 2 ')
    assert "--seed 7" in result.out
    checked = type_("replay", "fox.jpg", "--check")
    assert checked.out.startswith(("fox.jpg: different, PSNR", "fox.jpg: equal"))


def test_replay_in_a_script_joins_its_session(type_: TypeLine) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_("-", "-q", stdin="add 1 2\nreplay fox.png\nblur --image @-1 --radius 1\n")
    assert result.status == 0
    assert result.out.splitlines() == ["3", "000001-7-a-fox.png", "000002-7-a-fox.png"]


def test_line_and_replay_cannot_be_piped(type_: TypeLine) -> None:
    assert "cannot be piped" in type_("replay fox.png | blur 2").err
    assert "cannot be piped" in type_("line", "fox.png", "|", "blur").err


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

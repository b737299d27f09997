"""`line` and `replay` read images, settings files and graphs from other tools, several at once, and standard input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

pytestmark = pytest.mark.usefixtures("scripted")

GRAPH = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
}
TEXT = "a fox\nNegative prompt: blur\nSteps: 5, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 64x64"
FOX = 't2i "a fox" --negative blur --steps 5 --guidance 7 --scheduler euler_a --seed 3 --width 64 --height 64'
PLAIN = 't2i "a fox" --steps 5 --guidance 7 --seed 3 --width 64 --height 64'
SWARM = {"sui_image_params": {"prompt": "a fox", "steps": 5, "cfgscale": 7, "seed": 3, "width": 64, "height": 64}}


@pytest.fixture
def cat(tmp_path: Path) -> Path:
    """Create an image without metadata."""
    Image.new("RGB", (8, 8), "red").save(tmp_path / "cat.png")
    return tmp_path / "cat.png"


def test_a_graph_file_is_replayed(type_: TypeLine, cat: Path) -> None:
    cat.with_name("flow.json").write_text(json.dumps(GRAPH))
    refused = type_("replay", "flow.json")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.endswith("error: the recorded line reads `cat.png`\n  to allow it: --allow-files\n")
    result = type_("-q", "replay", "flow.json", "--allow-files")
    assert result.status == 0
    with Image.open(cat.with_name(result.out.strip())) as image:
        assert image.getpixel((0, 0)) == (0, 255, 255)


def test_a_settings_file_from_another_tool_is_replayed_with_changed_inputs(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "fox.txt").write_text(TEXT)
    result = type_("-q", "replay", "fox.txt", "--set", "steps=9")
    with Image.open(tmp_path / result.out.strip()) as image:
        assert (image.size, image.getpixel((0, 0))) == ((64, 64), (3, 9, 30))


@pytest.mark.parametrize("name", ["flow.json", "fox.txt"])
def test_only_an_image_can_be_checked(type_: TypeLine, cat: Path, name: str) -> None:
    cat.with_name("flow.json").write_text(json.dumps(GRAPH))
    cat.with_name("fox.txt").write_text(TEXT)
    result = type_("replay", name, "--check", "--allow-files")
    assert (result.status, result.out) == (2, "")
    assert result.err.endswith(f"error: `{name}` is not an image, so nothing can be compared\n  leave out `--check`\n")


def test_a_text_file_is_read_like_the_metadata_of_an_image(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "fox.txt").write_text(TEXT)
    (tmp_path / "swarm.json").write_text(json.dumps(SWARM))
    assert type_("line", "fox.txt").out == FOX + "\n"
    assert type_("line", "swarm.json").out == PLAIN + "\n"


def test_a_text_file_without_settings_is_refused(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("a fox in the snow")
    result = type_("line", "notes.txt")
    assert (result.status, result.out) == (1, "")
    assert result.err == (
        "error: `notes.txt` cannot be read as another tool's text: "
        "it has no settings such as `Steps: 20, Seed: 5`, and it is not a graph\n"
        "  AUTOMATIC1111 can save a text file with prompt, negative prompt and settings next to each image\n"
    )


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "gif", "bmp", "tiff"])
def test_an_image_on_standard_input_is_recognized(type_: TypeLine, tmp_path: Path, suffix: str) -> None:
    Image.new("RGB", (300, 300)).save(tmp_path / f"a.{suffix}")
    result = type_("line", "-", stdin=(tmp_path / f"a.{suffix}").read_bytes())
    assert (result.status, result.out) == (1, "")
    assert result.err.startswith("error: `standard input` does not record how it was made: it has no metadata")


@pytest.mark.parametrize(
    ("given", "line"), [(TEXT, FOX), (json.dumps(GRAPH), "load cat.png | invert"), (json.dumps(SWARM), PLAIN)]
)
def test_standard_input_may_contain_settings_or_a_graph(type_: TypeLine, given: str, line: str) -> None:
    result = type_("line", "-", stdin=given)
    assert (result.status, result.out) == (0, line + "\n")


def test_an_image_on_standard_input_is_replayed_and_checked(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    data = (tmp_path / "fox.png").read_bytes()
    assert type_("line", "-", stdin=data).out == type_("line", "fox.png").out
    assert type_("replay", "-", "--check", stdin=data).out == "standard input: equal\n"
    result = type_("-q", "replay", "-", "--set", "steps=5", stdin=data)
    with Image.open(tmp_path / result.out.strip()) as image:
        assert image.getpixel((0, 0)) == (7, 5, 30)


@pytest.mark.parametrize("word", ["line", "replay"])
@pytest.mark.parametrize(
    ("stdin", "terminal", "error"),
    [
        ("", False, "standard input is empty"),
        ("", True, "standard input is a terminal"),
    ],
)
def test_standard_input_that_contains_no_file_is_refused(
    type_: TypeLine, word: str, stdin: str, terminal: bool, error: str
) -> None:
    result = type_(word, "-", stdin=stdin, terminal=terminal)
    assert (result.status, result.out) == (1, "")
    assert error in result.err


def test_settings_are_read_from_a_real_pipe(tmp_path: Path, isolated_home: Path) -> None:
    (tmp_path / "fox.txt").write_text(TEXT)
    done = subprocess.run(
        [sys.executable, "-m", "invokeai_cli", "line", "-"],
        input=TEXT.encode(), cwd=tmp_path, capture_output=True, timeout=240, check=False,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
    )  # fmt: skip
    assert (done.returncode, done.stdout.decode(), done.stderr) == (0, FOX + "\n", b"")


def test_the_lines_of_several_files_are_printed_as_a_script_with_the_file_names(type_: TypeLine, cat: Path) -> None:
    cat.with_name("fox.txt").write_text(TEXT)
    cat.with_name("flow.json").write_text(json.dumps(GRAPH))
    result = type_("line", "fox.txt", "cat.png", "flow.json")
    assert (result.status, result.out) == (1, f"# fox.txt\n{FOX}\n# flow.json\nload cat.png | invert\n")
    assert "error: `cat.png` does not record how it was made" in result.err
    assert "flow.json: the line reads `cat.png`" in result.err.splitlines()
    cat.with_name("all.inv").write_text(result.out)
    assert type_("run", "all.inv", "--dry-run").status == 0


def test_the_lines_of_several_files_are_printed_as_a_json_list(type_: TypeLine, cat: Path) -> None:
    cat.with_name("fox.txt").write_text(TEXT)
    document = type_("line", "cat.png", "fox.txt", "--json").document
    (answer,) = document["answers"]
    assert (document["status"], answer["schema"]) == (1, "lines/1")
    failed, found = answer["files"]
    assert (failed["file"], [each["code"] for each in failed["errors"]]) == ("cat.png", ["nothing_recorded"])
    assert found == {
        "file": "fox.txt", "line": FOX, "tool": "AUTOMATIC1111", "identical": False, "notes": []
    }  # fmt: skip


def test_the_text_file_beside_an_image_without_metadata_is_read(type_: TypeLine, cat: Path) -> None:
    cat.with_suffix(".txt").write_text(TEXT)
    result = type_("line", "cat.png")
    note = "the image itself records no settings: these were read from `cat.txt` next to it\n"
    assert (result.status, result.out, result.err) == (0, FOX + "\n", note)
    assert type_("-q", "replay", "cat.png").status == 0


@pytest.mark.parametrize(
    ("name", "data", "line"),
    [
        ("cat.json", GRAPH, "load cat.png | invert"),
        ("cat.swarm.json", SWARM, PLAIN),
    ],
)
def test_the_json_file_beside_an_image_is_read(type_: TypeLine, cat: Path, name: str, data: Any, line: str) -> None:
    cat.with_name(name).write_text(json.dumps(data))
    result = type_("line", "cat.png")
    assert (result.status, result.out) == (0, line + "\n")
    assert f"these were read from `{name}` next to it" in result.err


@pytest.mark.parametrize("text", ["a fox in the snow", "", "{}", "[1]"])
def test_a_caption_file_beside_an_image_is_not_read_as_settings(type_: TypeLine, cat: Path, text: str) -> None:
    cat.with_suffix(".txt").write_text(text)
    result = type_("line", "cat.png")
    assert (result.status, result.out) == (1, "")
    assert "`cat.png` does not record how it was made" in result.err


def test_metadata_in_an_image_takes_precedence_over_the_text_file_beside_it(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a dog --seed 7 --steps 2 | save dog.png")
    (tmp_path / "dog.txt").write_text(TEXT)
    assert type_("line", "dog.png").out == 't2i "a dog" --model default --steps 2 --seed 7 | save dog.png\n'

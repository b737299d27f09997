"""The directive `replay` shows the plan of an image's line and runs it, checks the result, or refuses the image."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.model_paths import DEFAULT_PATH
from invocations.services.images.metadata import GRAPH
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.scripted import ScriptedGeneration

pytestmark = pytest.mark.usefixtures("scripted")


def files(folder: Path) -> list[str]:
    """Return the names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


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
def test_the_set_option_of_replay_overrides_inputs_set_in_the_recorded_line(
    type_: TypeLine, tmp_path: Path, words: tuple[str, ...]
) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_(*words)
    with Image.open(tmp_path / result.out.strip(), formats=["PNG"]) as image:
        assert image.getpixel((0, 0)) == (7, 5, 30)


def test_the_set_option_of_replay_can_change_the_prompt(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_("replay", "fox.png", "--set", "prompt=a dog | save x.png", "--set", "t2i.seed=9", "-q")
    assert result.out == "000001-9-a-dog-save-x.png.png\n"
    assert files(tmp_path) == ["000001-9-a-dog-save-x.png.png", "fox.png"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("replay", "fox.png", "--set", "stepz=5"), "no command has an input `stepz`"),
        (("replay", "fox.png", "--set", "radius=5"), "no stage of the recorded line has an input `radius`"),
        (("replay", "fox.png", "--set", "steps=many"), "`steps` takes a whole number, not `many`"),
        (("replay", "fox.png", "--set", "steps=0"), "`steps` must be 1 to 1000, not 0"),
        (("replay fox.png --set steps",), "`--set steps` is not of the form INPUT=VALUE"),
        (("replay", "fox.png", "--check", "--set", "steps=5"), "`--check` and `--set` cannot be combined"),
        (("replay", "fox.png", "--foo"), "`replay` has no option `--foo`"),
        (("replay",), "`replay` needs an argument: FILE"),
        (("line",), "`line` needs an argument: FILE"),
    ],
)
def test_invalid_words_are_refused(type_: TypeLine, words: tuple[str, ...], error: str) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_(*words)
    assert (result.status, result.out) == (2, "")
    assert f"error: {error}" in result.err


def test_check_reports_an_identical_image_and_leaves_no_file(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_("replay", "fox.png", "--check")
    assert (result.status, result.out) == (0, "fox.png: equal\n")
    assert files(tmp_path) == ["fox.png"]
    document = type_("replay", "fox.png", "--check", "--json").document
    assert document == {
        "schema": "replay-check/1", "image": "fox.png", "equal": True, "psnr": None, "images": 1, "picture": "fox.png",
        "pictures": 1,
    }  # fmt: skip


def test_check_reports_how_the_image_differs_and_exits_with_1(type_: TypeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    monkeypatch.setattr(ScriptedGeneration, "blue", 31)
    result = type_("replay", "fox.png", "--check")
    assert (result.status, result.out) == (1, "fox.png: different, PSNR 52.9 dB\n")
    monkeypatch.setattr("invocations.versions.versions", lambda: {"torch": "0"})
    assert "made with pillow " in type_("replay", "fox.png", "--check").out


def test_check_finds_the_matching_image_among_the_images_from_a_loop(type_: TypeLine, tmp_path: Path) -> None:
    type_("range 3 6 | iterate | t2i a fox --seed @-1 --steps 2 | save {seed}.png")
    assert files(tmp_path) == ["3.png", "4.png", "5.png"]
    document = type_("replay", "4.png", "--check", "--json").document
    assert (document["equal"], document["images"]) == (True, 3)


def test_brackets_in_a_file_name_are_literal(type_: TypeLine) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save 'fox[1].png'")
    assert type_("replay", "fox[1].png", "--check").out == "fox[1].png: equal\n"


def test_an_image_from_another_tool_is_imported_and_replayed(type_: TypeLine, image_file: Any, tmp_path: Path) -> None:
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


def test_an_image_with_an_odd_size_from_another_tool_is_replayed(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("replay", str(Path("tests/material/foreign/p13-odd-size.png").resolve()))
    assert result.status == 0
    with Image.open(tmp_path / result.out.strip(), formats=["PNG"]) as image:
        assert image.size == (96, 64)


def test_a_jpeg_saved_by_this_program_is_replayed_from_its_parameters(type_: TypeLine, tmp_path: Path) -> None:
    type_("t2i a (red)1.3 fox --seed 7 --steps 2 | save fox.jpg")
    result = type_("line", "fox.jpg")
    assert result.out.startswith('t2i "a (red)1.3 fox" --model default --steps 2 ')
    assert "--seed 7" in result.out
    checked = type_("replay", "fox.jpg", "--check")
    assert checked.out.startswith(("fox.jpg: different, PSNR", "fox.jpg: equal"))


def test_replay_in_a_script_uses_the_session_of_the_script(type_: TypeLine) -> None:
    type_("t2i a fox --seed 7 --steps 2 | save fox.png")
    result = type_("-", "-q", stdin="add 1 2\nreplay fox.png\nblur --image @-1 --radius 1\n")
    assert result.status == 0
    assert result.out.splitlines() == ["3", "000001-7-a-fox.png", "000002-7-a-fox.png"]


def hostile(**inputs: Any) -> str:
    """Return the graph of `load | save` with the given inputs changed."""
    nodes = {
        "1": {"id": "1", "type": "load", "inputs": {"source": "x.png", **inputs.get("load", {})}},
        "2": {"id": "2", "type": "save", "inputs": {"target": "y.png", **inputs.get("save", {})}},
    }
    edge = {"source": "1", "output": "image", "target": "2", "input": "image"}
    return json.dumps({"nodes": nodes, "edges": [edge]})


def test_replay_reads_a_file_only_when_allowed(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "cat.png")
    type_("load cat.png | flip | save b.png")
    result = type_("replay", "b.png")
    assert (result.status, result.out) == (1, "")
    assert result.err.endswith("error: the recorded line reads `cat.png`\n  to allow it: --allow-files\n")
    assert type_("replay", "b.png", "--allow-files").out == "000001-cat.png\n"
    assert type_("replay", "b.png", "--allow-files", "--check").out == "b.png: equal\n"


def test_replay_runs_a_plug_in_node_only_when_allowed(type_: TypeLine, nodes_folder: Path, tmp_path: Path) -> None:
    (nodes_folder / "mirror.py").write_text(
        "from invocations.invocation import ImageRef, Invocation, invocation\n"
        "from invocations.fields import input_field\n"
        "from invocations.outputs import ImageOutput\n"
        '@invocation("mirror", title="Mirror", category="own", version="1.0.0", examples=("t2i fox | mirror",))\n'
        "class Mirror(Invocation):\n"
        '    """Return an image unchanged."""\n'
        '    image: ImageRef = input_field(primary=True, description="image")\n'
        "    def invoke(self, context) -> ImageOutput:\n"
        "        return ImageOutput(image=self.image)\n"
    )
    assert type_("t2i a fox --seed 7 --steps 2 | mirror | save fox.png").status == 0
    result = type_("replay", "fox.png")
    assert (result.status, result.out) == (1, "")
    assert "the recorded line uses the plug-in `mirror`" in result.err
    assert type_("replay", "fox.png", "--allow-files", "--check").out == "fox.png: equal\n"


@pytest.mark.parametrize("target", ["/etc/cron.d/x.png", "~/.bashrc.png", "../../x.png", "-", "a/{seed}.png"])
def test_an_image_never_decides_where_replay_writes(
    type_: TypeLine, image_file: Any, tmp_path: Path, target: str
) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "x.png")
    name = image_file("evil.png", {GRAPH: hostile(save={"target": target, "overwrite": True})})
    result = type_("replay", name, "--allow-files")
    assert (result.status, result.out) == (0, "x.png\n")
    assert files(tmp_path) == ["evil.png", "x.png"]
    assert "the line writes" in type_("line", name).err or not target.startswith(("/", "~", ".."))


def test_replaying_an_image_never_uses_the_network(type_: TypeLine, image_file: Any) -> None:
    name = image_file("evil.png", {GRAPH: hostile(load={"source": "http://127.0.0.1:9/x.png", "allow_url": True})})
    result = type_("replay", name, "--allow-files")
    assert (result.status, result.out) == (1, "")
    assert "error: the recorded line would use the network" in result.err


def test_replay_reads_a_model_given_as_a_path_only_when_reading_files_is_allowed(
    type_: TypeLine, image_file: Any, tmp_path: Path
) -> None:
    (tmp_path / "evil").symlink_to(DEFAULT_PATH)  # the model is complete, so only its path can cause a refusal
    model = {"id": "1", "type": "model", "inputs": {"name": f"{tmp_path}/evil"}}
    name = image_file("evil.png", {GRAPH: json.dumps({"nodes": {"1": model}, "edges": []})})
    result = type_("replay", name)
    assert (result.status, result.out) == (1, "")
    assert f"error: the recorded line reads `{tmp_path}/evil`\n  to allow it: --allow-files\n" in result.err

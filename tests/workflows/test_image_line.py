"""The line that produced an image, with notes on the files that the line uses and on settings it cannot reproduce."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from workflows.image_line import ImageLine, line_of_image
from workflows.importers.provenance import NoProvenance
from workflows.workspace import Workspace

OVERWRITES = "`save` in the line overwrites a file of the same name"


@pytest.mark.parametrize(
    ("line", "notes"),
    [
        ("load cat.png | blur 2 | save b.png", ("the line reads `cat.png`",)),
        ("load cat.png | flip | save b.png --overwrite", ("the line reads `cat.png`", OVERWRITES)),
    ],
)
def test_the_line_recorded_in_an_image_builds_the_same_graph(
    workspace: Workspace, cat: Path, line: str, notes: tuple[str, ...]
) -> None:
    workspace.run(line)
    assert line_of_image(workspace, "b.png") == ImageLine(line, "invokeai-cli", True, notes)


def test_a_save_path_outside_the_folder_is_noted(workspace: Workspace, cat: Path, tmp_path: Path) -> None:
    target = tmp_path / "b.png"
    workspace.run(f"load cat.png | flip | save '{target}'")
    assert f"the line writes `{target}`" in line_of_image(workspace, "b.png").notes


def test_continued_lines_become_one_line(workspace: Workspace, cat: Path) -> None:
    workspace.run("load cat.png")
    workspace.run("| blur 3")
    workspace.run("| flip | save b.png")
    assert line_of_image(workspace, "b.png").line == "load cat.png | blur 3 | flip | save b.png"


def test_a_line_read_from_an_image_of_another_tool_is_not_marked_as_identical(
    workspace: Workspace, tmp_path: Path
) -> None:
    info = PngInfo()
    info.add_text("parameters", "a fox\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 64x64")
    Image.new("RGB", (8, 8)).save(tmp_path / "other.png", pnginfo=info)
    found = line_of_image(workspace, "other.png")
    assert not found.identical
    assert found.line.startswith('t2i "a fox"')


def test_an_image_without_metadata_has_no_line(workspace: Workspace, cat: Path) -> None:
    with pytest.raises(NoProvenance):
        line_of_image(workspace, "cat.png")


def test_an_imported_line_keeps_its_weights_whatever_the_default_prompt_syntax_is(
    workspace: Workspace, tmp_path: Path
) -> None:
    info = PngInfo()
    info.add_text("parameters", "a (fox), (snow:1.2)\nSteps: 20, Sampler: Euler, CFG scale: 7, Seed: 5, Size: 64x64")
    Image.new("RGB", (8, 8)).save(tmp_path / "other.png", pnginfo=info)
    assert "--prompt-syntax" not in line_of_image(workspace, "other.png").line
    workspace.memory.defaults["prompt_syntax"] = "a1111"
    line = line_of_image(workspace, "other.png").line
    assert line.startswith('t2i "a (fox)1.1, (snow)1.2"')
    assert "--prompt-syntax invoke" in line


def test_metadata_that_novelai_hides_in_the_alpha_channel_is_read(workspace: Workspace, tmp_path: Path) -> None:
    comment = {"prompt": "{a fox}", "uc": "blur", "steps": 20, "scale": 5, "seed": 7, "sampler": "k_euler"}
    data = gzip.compress(json.dumps({"Software": "NovelAI", "Comment": json.dumps(comment)}).encode())
    bits = "".join(f"{byte:08b}" for byte in b"stealth_pngcomp" + (len(data) * 8).to_bytes(4, "big") + data)
    alpha = Image.new("L", (64, 64), 255)
    for i, bit in enumerate(bits):
        alpha.putpixel((i // 64, i % 64), 254 | int(bit))
    Image.merge("RGBA", (*Image.new("RGB", (64, 64)).split(), alpha)).save(tmp_path / "hidden.png")
    found = line_of_image(workspace, "hidden.png")
    assert (found.tool, found.line) == (
        "NovelAI",
        't2i "(a fox)1.05" --negative blur --steps 20 --guidance 5 --scheduler euler --seed 7',
    )

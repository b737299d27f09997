r"""The prompts of images made by version 0.1.0 keep their meaning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from invocations.services.generation.prompts import pieces
from workflows.image_line import line_of_image
from workflows.importers.older_prompts import NOTE, as_words
from workflows.workspace import Workspace

LINE = "--model default --width 64 --height 64 --steps 1 --seed 1 | save fox.png"


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a (red:1.4) fox", [("a (red:1.4) fox", 1)]),
        (r"a \(b\) \\c", [(r"a \(b\) \\c", 1)]),
        ("(a (b:2))1.5", [("a (b:2)", 1.5)]),
        ("(fox)1.3 snow++", [("fox", 1.3), (" ", 1), ("snow", 1.21)]),
    ],
)
def test_a_rewritten_prompt_keeps_its_meaning(prompt: str, words: list[tuple[str, float]]) -> None:
    assert pieces(as_words(prompt), "invoke") == words


@given(st.text(alphabet="ab (1.2)", max_size=30))
def test_a_prompt_without_colons_and_backslashes_is_unchanged(prompt: str) -> None:
    assert as_words(prompt) == prompt


def test_the_line_read_from_an_old_image_escapes_text_that_would_now_be_a_weight(
    workspace: Workspace, tmp_path: Path
) -> None:
    run = workspace.run("t2i 'a (red)1.4 fox' --steps 1 --width 64 --height 64 --seed 1 | save fox.png")
    assert run is not None
    with Image.open(tmp_path / "fox.png") as image:
        graph = json.loads(image.text["invokeai:graph"])  # type: ignore[attr-defined]
        pixels = image.convert("RGB")
    (prompt,) = [node for node in graph["nodes"].values() if node["type"] == "prompt"]
    assert prompt["inputs"].pop("prompt_syntax") == "invoke"
    assert line_of(workspace, pixels, graph, tmp_path) == (f't2i "a (red)1.4 fox" {LINE}', ())
    prompt["inputs"]["text"] = "a (red:1.4) fox"
    assert line_of(workspace, pixels, graph, tmp_path) == (f"t2i 'a (red\\:1.4) fox' {LINE}", (NOTE,))


def line_of(workspace: Workspace, pixels: Image.Image, graph: object, folder: Path) -> tuple[str, tuple[str, ...]]:
    """Save an image with this graph in its metadata; return its line and the notes."""
    info = PngInfo()
    info.add_text("invokeai:graph", json.dumps(graph))
    pixels.save(folder / "old.png", pnginfo=info)
    found = line_of_image(workspace, "old.png")
    return found.line, found.notes

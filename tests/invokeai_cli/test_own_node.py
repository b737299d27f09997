"""The node and the recipe from the how-to pages work as soon as they are in the user's nodes folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

PAGES = Path(__file__).parents[2] / "docs" / "how-to"


@pytest.fixture
def nodes(nodes_folder: Path) -> Path:
    """Return the nodes folder with the first node and recipe from the how-to pages."""
    for page, kind, name in (("node.md", "python", "mine.py"), ("recipe.md", "toml", "sketch.toml")):
        text = (PAGES / page).read_text(encoding="utf-8")
        block, *_ = re.findall(rf"^```{kind}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        (nodes_folder / name).write_text(block, encoding="utf-8")
    return nodes_folder


def offered(result: Any) -> list[str]:
    return [line.split("\t")[0] for line in result.out.splitlines()]


def test_a_pasted_node_has_help_and_completion_and_runs_in_a_pipe(type_: TypeLine, nodes: Path, tmp_path: Path) -> None:
    result = type_("posterize", "--help")
    assert (result.status, result.err) == (0, "")
    assert "Leave only a few shades" in result.out
    assert "--bits" in result.out
    assert offered(type_("__complete", "1", "poste")) == ["posterize"]
    assert "--bits" in offered(type_("__complete", "2", "posterize", "--b"))
    assert "posterize" in type_("nodes").out
    Image.linear_gradient("L").convert("RGB").save(tmp_path / "gradient.png")
    assert type_("load gradient.png | posterize 1 | save few.png").out == "few.png\n"
    with Image.open(tmp_path / "few.png") as image:
        assert {pixel for _, pixel in image.getcolors() or ()} == {(0, 0, 0), (128, 128, 128)}


def test_a_pasted_recipe_has_help_and_completion_and_runs_in_a_pipe(
    type_: TypeLine, nodes: Path, tmp_path: Path
) -> None:
    result = type_("sketch", "--help")
    assert (result.status, result.err) == (0, "")
    assert "--softness" in result.out
    assert offered(type_("__complete", "1", "sket")) == ["sketch"]
    small = ("--set", "width=32", "--set", "height=32")
    assert type_("-q", "sketch a red house --steps 1 | posterize 2 | save few.png", *small).out == "few.png\n"
    with Image.open(tmp_path / "few.png") as image:
        assert len(image.getcolors() or ()) <= 4


def test_a_broken_file_in_the_nodes_folder_does_not_affect_other_commands(type_: TypeLine, nodes: Path) -> None:
    (nodes / "broken.py").write_text("class Broken(:\n")
    (nodes / "broken.toml").write_text("type = \n")
    result = type_("add 1 2 | mul 2")
    assert (result.status, result.out) == (0, "6\n")
    assert result.err.count("warning: ") == 2
    assert type_("posterize", "--help").status == 0


def test_a_broken_plug_in_causes_a_warning(type_: TypeLine, nodes_folder: Path) -> None:
    (nodes_folder / "bad.py").write_text('raise RuntimeError("no \\x1b[31m luck")\n')
    result = type_("add", "1", "2")
    assert (result.status, result.out) == (0, "3\n")
    assert result.err.startswith("warning: not loaded: ")
    assert result.err.endswith("bad.py:1: RuntimeError: no \\x1b[31m luck\n")
    assert type_("add", "1", "2", "--json").document["warnings"]
    assert type_("-q", "add", "1", "2").err == ""


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("read_lines.py", "import no_such_module_here\n", "read_lines.py:1: ModuleNotFoundError: "),
        ("lines.toml", "type = \n", "lines.toml:1: "),
    ],
)
def test_the_error_for_an_unknown_command_follows_warnings_about_files_that_could_not_be_loaded(
    type_: TypeLine, nodes_folder: Path, file: str, text: str, reason: str
) -> None:
    (nodes_folder / file).write_text(text)
    for words in (("lines", "prompts.txt"), ("explain", "lines", "prompts.txt")):
        result = type_(*words)
        assert (result.status, result.out) == (2, "")
        warning, error = result.err.splitlines()[:2]
        assert warning.startswith("warning: not loaded: ")
        assert reason in warning
        assert error == "error: there is no command `lines`"
    for words in (("help", "lines"), ("lines", "--help"), ("nodes", "lines")):
        assert type_(*words).err.splitlines()[0] == warning
    script = type_("-", "--keep-going", stdin="lines x\nlines y\n")
    assert script.err.count("warning: not loaded: ") == 1

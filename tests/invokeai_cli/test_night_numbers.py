"""Images with running numbers in their names: a script that is run again does not save them again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

SCRIPT = """\
load p.png | blur 1 | save 'n-{index}.png'
load p.png | blur 2
t2i a fox
range 1 3 | iterate as n | blur @n --image p.png | save 'l-{index}.png'
add 1 2
"""
OVER = "starting over, although an earlier run saved 3 images; `--resume` continues that run"


def kept(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*-*.png")}


def groups(folder: Path) -> list[str]:
    """Return the names of the saved images; the one that contains `fox` and a random seed is returned as `fox`."""
    return sorted("fox" if "fox" in path.name else path.name for path in folder.glob("*-*.png"))


@pytest.mark.parametrize("limit", ["1", "2", "3", "4", "5"])
@pytest.mark.parametrize("way", ["--resume", "--skip-existing"])
def test_images_of_an_unfinished_run_are_not_saved_again(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, scripted: None, limit: str, way: str
) -> None:
    name = night(SCRIPT)
    type_("run", name, "--max-images", limit)
    before = kept(tmp_path)
    for words in ((way,), (way,), (), ("--resume",), ("--skip-existing",)):
        assert type_("run", name, *words).status == 0
        assert groups(tmp_path) == ["000001-p.png", "fox", "l-1.png", "l-2.png", "n-1.png"]
    assert {path: data for path, data in kept(tmp_path).items() if path in before} == before


def test_the_skip_existing_option_replaces_only_the_image_that_is_missing(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, scripted: None
) -> None:
    name = night(SCRIPT)
    assert type_("run", name).status == 0
    (tmp_path / "n-1.png").unlink()
    before = kept(tmp_path)
    result = type_("run", name, "--skip-existing", "--json")
    assert (result.status, result.document["summary"]["images"]) == (0, 1)
    assert kept(tmp_path) == {**before, "n-1.png": (tmp_path / "n-1.png").read_bytes()}


def test_a_note_says_that_an_unfinished_script_starts_over(
    type_: TypeLine, night: Callable[[str], str], tmp_path: Path, scripted: None
) -> None:
    name = night(SCRIPT)
    assert "starting over" not in type_("run", name, "--max-images", "2").err
    for words in (("--resume", "--max-images", "1"), ("--overwrite", "--max-images", "3")):
        assert "starting over" not in type_("run", name, *words).err
    assert type_("run", name, "--max-images", "3").err.splitlines()[0] == OVER
    night(SCRIPT + "# changed\n")
    assert type_("run", name).err.splitlines()[0] == OVER
    assert "starting over" not in type_("run", name).err


def test_a_note_counts_the_saved_images_of_an_unfinished_loop(type_: TypeLine, night: Callable[[str], str]) -> None:
    name = night("range 1 9 | iterate as n | blur @n --image p.png\n")
    type_("run", name, "--max-images", "1")
    over = "starting over, although an earlier run saved 1 image; `--resume` continues that run"
    assert type_("run", name, "--max-images", "2").err.splitlines()[0] == over
    assert "starting over" not in type_("run", name, "--resume").err

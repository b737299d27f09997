"""A script is planned as a whole: every error that can be found early is reported before a model is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

NINE_LINES = """\
t2i a red house --width 100 --height 90
t2i a fish | save "d-{mood}.png"
i2i nosuch.png a blue house
t2i a boat | save house.png
t2i a tree | save same.png
t2i a bush | save same.png
inpaint house.png a sun --mask mask64.png
t2i a man dressed as santa
t2i a $what
"""
ERRORS = """\
dry.inv:1:25: error: `width` must be a multiple of 8, not 100
  t2i a red house --width 100 --height 90
                          ^^^
  nearest: 96 or 104
dry.inv:1:38: error: `height` must be a multiple of 8, not 90
  t2i a red house --width 100 --height 90
                                       ^^
  nearest: 88 or 96
dry.inv:2:19: error: the file name `d-{mood}.png` has an unknown field `mood`
  t2i a fish | save "d-{mood}.png"
                    ^^^^^^^^^^^^^^
  known fields: date, guidance, height, index, model, negative, node, prompt, scheduler, seed, session, stem, \
steps, strength, time, width
dry.inv:3:5: error: no file matches `nosuch.png`
  i2i nosuch.png a blue house
      ^^^^^^^^^^
dry.inv:4:19: error: `house.png` already exists
  t2i a boat | save house.png
                    ^^^^^^^^^
  use `--overwrite` to replace the file
dry.inv:6:19: error: line 5 already saves `same.png`
  t2i a bush | save same.png
                    ^^^^^^^^
  give each image its own name, or use `--overwrite` to replace the file
dry.inv:7:32: error: the mask is 64x64, but the image is 96x96
  inpaint house.png a sun --mask mask64.png
                                 ^^^^^^^^^^
  the mask must have the same size as the image: `resize 96 96` resizes it
"""
NOTES = """\
dry.inv:8: `as santa` was read as part of the text; to name the stage, write: t2i --as santa ...
warning: dry.inv:9: `$what` is read as text; to use the variable, write `${what}`
"""


@pytest.fixture
def script(tmp_path: Path) -> Callable[[str], str]:
    """Return a function that writes a script in a folder with two images and returns the script's name."""
    Image.new("RGB", (96, 96)).save(tmp_path / "house.png")
    Image.new("L", (64, 64)).save(tmp_path / "mask64.png")

    def write(text: str) -> str:
        (tmp_path / "dry.inv").write_text(text)
        return "dry.inv"

    return write


@pytest.mark.parametrize("words", [(), ("--dry-run",)], ids=" ".join)
def test_all_errors_in_a_script_are_found_before_it_runs(
    type_: TypeLine, script: Callable[[str], str], isolated_home: Path, words: tuple[str, ...]
) -> None:
    result = type_("run", script(NINE_LINES), *words)
    summary = "dry.inv: not run: 7 errors\n" if words else ""
    assert (result.status, result.err, result.out) == (2, ERRORS + NOTES + summary, "")
    assert not list(isolated_home.rglob("*.sqlite"))


def errors(type_: TypeLine, name: str, *words: str) -> list[str]:
    """Return the places and messages of the errors that a dry run of a script reports."""
    return [line for line in type_("run", name, "--dry-run", *words).err.splitlines() if " error: " in line]


@pytest.mark.parametrize(
    "text",
    [
        "t2i a | save new.png\ni2i new.png a blue house\n",
        't2i a | save "new-{seed}.png"\nload new-7.png | blur 1\n',
        "t2i a | save out/\nload out/000001.png | blur 1\nload 'out/*.png' | grid\n",
        "t2i a\nload '0*.png' | grid\n",
        "load house.png | scale 2 | save house.png --overwrite\nload house.png | crop 150 150\n",
        "load house.png | blur 1 | save b.png\nload house.png | blur 2 | save b.png --overwrite\n",
        "range 1 2 | iterate as n | t2i a --seed @n | save a-{index}.png\nload a-000002.png | show\n",
    ],
)
def test_files_that_earlier_lines_write_count_as_existing(
    type_: TypeLine, script: Callable[[str], str], text: str
) -> None:
    assert errors(type_, script(text)) == []


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("load new.png\nt2i a | save new.png\n", "dry.inv:1:6: error: no file matches `new.png`"),
        ("t2i a | save new.png\nload newer.png\n", "dry.inv:2:6: error: no file matches `newer.png`"),
        (
            "run inner.inv\nt2i a | save in.png\n",
            "dry.inv:2:14: error: line 1 of inner.inv already saves `in.png`",
        ),
        (
            "t2i a as a | scale 2\ncrop 97 97 --image @a\n",
            "dry.inv:2:6: error: cannot crop 97x97 from an image of 96x96",
        ),
        (
            "range 1 3 | iterate as n\nt2i a --seed @n | save n.png\n",
            "dry.inv:2:24: error: each image of the loop would be saved as `n.png`",
        ),
        (
            "set width 100\nt2i a\n",
            "dry.inv:2:1: error: the default set for `width` is invalid: `width` must be a multiple of 8, not 100",
        ),
        ("let w = 70\nt2i a --width ${w}\n", "dry.inv:2:15: error: `width` must be a multiple of 8, not 70"),
    ],
)
def test_an_error_that_involves_several_lines_is_found_before_anything_runs(
    type_: TypeLine, script: Callable[[str], str], tmp_path: Path, text: str, error: str
) -> None:
    (tmp_path / "inner.inv").write_text("load house.png | save in.png\n")
    assert errors(type_, script(text)) == [error]


def test_each_line_with_an_invalid_size_is_refused(type_: TypeLine, script: Callable[[str], str]) -> None:
    result = type_("run", script("t2i a red house --width 100\nt2i a red house --height 70\n"), "--dry-run")
    assert result.status == 2
    assert "dry.inv:1:25: error: `width` must be a multiple of 8, not 100" in result.err
    assert "dry.inv:2:26: error: `height` must be a multiple of 8, not 70" in result.err
    assert result.err.count("nearest: 96 or 104") == result.err.count("nearest: 64 or 72") == 1
    assert "a multiple of 8" in type_("t2i", "--help").out


def test_files_that_a_script_saved_before_it_failed_cause_no_error_when_it_resumes(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    name = script("load house.png | blur 1 | save a.png\ndiv 1 0\n")
    assert type_("run", name).status == 1
    assert errors(type_, name) == ["dry.inv:1:32: error: `a.png` already exists"]
    assert errors(type_, name, "--resume") == []
    assert errors(type_, name, "--from", "2") == []
    assert errors(type_, name, "--overwrite") == []
    assert type_("run", name, "--resume").out == "a.png\n"


def test_lines_from_a_stream_can_use_files_that_earlier_lines_wrote(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    script("")
    lines = "load house.png | blur 1 | save a.png\nload a.png | flip | save b.png\nload b.png | save a.png\n"
    result = type_("-", stdin=lines)
    assert (result.status, result.out) == (2, "a.png\nb.png\n")
    assert "-:3:19: error: `a.png` already exists" in result.err


def test_overwriting_a_file_in_a_loop_causes_a_warning(type_: TypeLine, script: Callable[[str], str]) -> None:
    script("")
    line = "list house.png mask64.png | iterate as f | load @f | blur 1 | save s.png --overwrite"
    result = type_(line)
    assert result.status == 0
    assert "warning: each image of the loop overwrites `s.png`: only the last one remains" in result.err


UNSAVED = """\
let what = red house
load house.png | blur 1 as boat
| scale 2 | save boat.png
add 1 2 as three
add @three 1
list house.png mask64.png | iterate as f | load @f | blur 1 | collect as all
grid --images @all
flip --image @boat
"""


def test_an_image_that_a_later_line_uses_is_not_saved_automatically(
    type_: TypeLine, script: Callable[[str], str], tmp_path: Path
) -> None:
    name = script(UNSAVED)
    assert "7 lines, 3 images" in type_("run", name, "--dry-run").out
    result = type_("run", name)
    assert (result.status, result.out) == (0, "boat.png\n3\n4\n000001.png\n000002-house.png\n")
    files = {"boat.png", "000001.png", "000002-house.png", "house.png", "mask64.png", "dry.inv"}
    assert {path.name for path in tmp_path.iterdir()} == files
    assert type_("run", name).err.startswith("`dry.inv` is finished: nothing left to do")


def test_lines_from_a_stream_save_every_image(type_: TypeLine, script: Callable[[str], str]) -> None:
    script("")
    assert type_("-", stdin=UNSAVED).out.splitlines()[0] == "000001-house.png"


def test_an_image_is_saved_if_the_later_line_that_uses_the_image_is_refused(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    result = type_("run", script("load house.png | blur 1 as a\nflip sideways --image @a\n"), "--keep-going")
    assert (result.status, result.out) == (3, "000001-house.png\n")


def test_a_resumed_script_does_not_save_an_image_that_a_later_line_uses(
    type_: TypeLine, script: Callable[[str], str]
) -> None:
    name = script("load house.png | blur 1 as a\nflip --image @a\ndiv 1 0\n")
    assert (type_("run", name).status, type_("run", name, "--resume").out) == (1, "000001-house.png\n")

"""Lines that are certain to fail are refused during planning: sizes, masks, files, names in loops."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from invocations.language.errors import Refusal
from workflows.workspace import Workspace

REFUSALS = (
    (
        "t2i a red house --width 100 --height 90",
        """\
error: `width` must be a multiple of 8, not 100
  t2i a red house --width 100 --height 90
                          ^^^
  nearest: 96 or 104
error: `height` must be a multiple of 8, not 90
  t2i a red house --width 100 --height 90
                                       ^^
  nearest: 88 or 96""",
    ),
    (
        "range 7 32 | iterate as n | t2i a --width @n",
        """\
error: `width` must be 8 to 8192, not 7
  range 7 32 | iterate as n | t2i a --width @n
                                            ^^""",
    ),
    (
        "inpaint big.png a sun --mask small.png",
        """\
error: the mask is 16x16, but the image is 64x48
  inpaint big.png a sun --mask small.png
                               ^^^^^^^^^
  the mask must have the same size as the image: `resize 64 48` resizes it""",
    ),
    (
        "t2i a | scale 0.5 | crop 90 90",
        """\
error: cannot crop 90x90 from an image of 48x48
  t2i a | scale 0.5 | crop 90 90
                           ^^
  `pad` enlarges an image""",
    ),
    (
        "load big.png as big | rotate 90 | blend @big",
        """\
error: images of 48x64 and 64x48 cannot be blended
  load big.png as big | rotate 90 | blend @big
                                          ^^^^
  `resize 48 64` makes both images the same size""",
    ),
    (
        "i2i big.png a dog --steps 1",
        """\
error: `strength` 0.7 is too low for 1 step
  i2i big.png a dog --steps 1
  ^^^
  use at least 1""",
    ),
    (
        "load big.png | resize",
        """\
error: resize needs a width, a height, or both
  load big.png | resize
                 ^^^^^^
  try `resize 512` or `resize --height 512`""",
    ),
    (
        "i2i bug.png a dog",
        """\
error: no file matches `bug.png`
  i2i bug.png a dog
      ^^^^^^^
  did you mean `big.png`?""",
    ),
    (
        "load 'x*.png'",
        """\
error: no file matches `x*.png`
  load 'x*.png'
       ^^^^^^^^""",
    ),
    (
        "grid --images big.png,bug.png",
        """\
error: no file matches `bug.png`
  grid --images big.png,bug.png
                        ^^^^^^^
  did you mean `big.png`?""",
    ),
    (
        "load text.png",
        """\
error: `text.png` cannot be read as an image: its format is not one of PNG, JPEG, WEBP, TIFF, BMP, GIF
  load text.png
       ^^^^^^^^""",
    ),
    (
        "load https://example.com/a.png",
        """\
error: `https://example.com/a.png` is a URL, and downloading is not allowed
  load https://example.com/a.png
       ^^^^^^^^^^^^^^^^^^^^^^^^^
  add `--allow-url` to download the image""",
    ),
    (
        "t2i a | save big.png",
        """\
error: `big.png` already exists
  t2i a | save big.png
               ^^^^^^^
  use `--overwrite` to replace the file""",
    ),
    (
        "t2i a | save big --format png",
        """\
error: `big` already exists
  t2i a | save big --format png
               ^^^
  use `--overwrite` to replace the file""",
    ),
    (
        "t2i a | save a.png | blur 2 | save ./a.png",
        """\
error: an earlier stage already saves `./a.png`
  t2i a | save a.png | blur 2 | save ./a.png
                                     ^^^^^^^
  give each image its own name, or use `--overwrite` to replace the file""",
    ),
    (
        "range 1 4 | iterate as n | t2i a --seed @n | save a.png",
        """\
error: each image of the loop would be saved as `a.png`
  range 1 4 | iterate as n | t2i a --seed @n | save a.png
                                                    ^^^^^
  write a template, such as `a-{index}.png`""",
    ),
    (
        'range 1 4 | iterate as n | t2i a fish --seed @n | save "m-{n}.png"',
        """\
error: the file name `m-{n}.png` has an unknown field `n`
  range 1 4 | iterate as n | t2i a fish --seed @n | save "m-{n}.png"
                                                         ^^^^^^^^^^^
  known fields: date, guidance, height, index, model, negative, node, prompt, scheduler, seed, session, stem, \
steps, strength, time, width""",
    ),
    (
        't2i a --clip-skip 9 --width 20 | save "{mood}.png" | crop 30 10',
        """\
error: `clip_skip` must be 0 to 1 for this model, not 9
  t2i a --clip-skip 9 --width 20 | save "{mood}.png" | crop 30 10
                    ^
error: `width` must be a multiple of 8, not 20
  t2i a --clip-skip 9 --width 20 | save "{mood}.png" | crop 30 10
                              ^^
  nearest: 16 or 24
error: the file name `{mood}.png` has an unknown field `mood`
  t2i a --clip-skip 9 --width 20 | save "{mood}.png" | crop 30 10
                                        ^^^^^^^^^^^^
  known fields: date, guidance, height, index, model, negative, node, prompt, scheduler, seed, session, stem, \
steps, strength, time, width""",
    ),
)
ACCEPTED = (
    "t2i a --width 104 --height 88",
    "inpaint big.png a sun --mask mask.png",
    "load big.png | outpaint a --all 8",
    "t2i a | scale 2 | crop 192 192 | upscale 1.5 | crop 288 288",
    "t2i a as x | rotate 20 | crop 120 120",  # the size of the rotated image is not known
    "load '*.png' | iterate | crop 60 40",  # an image that is too small is refused only while the line runs
    "range 8 32 --step 8 | iterate as n | t2i a --width @n",
    "random 7 32 as n | t2i a --width @n",  # a width of 7 is refused only while the line runs
    "i2i big.png a dog --strength 0.05",
    "load big.png | save other.png",
    "load big.png | save big.png --overwrite",
    "range 1 4 | iterate as n | t2i a --seed @n | save a-{seed}.png",
    "range 1 4 | iterate as n | t2i a --seed @n | save a.png --overwrite",
    "range 1 4 | iterate as n | t2i a --seed @n | collect | grid | save a.png",
    "t2i a | save a.png | blur 2 | save b.png",
    "t2i a | save - ",
    "load big.png | save .",
    "load - | crop 9000 9000",
    "load https://example.com/a.png --allow-url | crop 9000 9000",
)


@pytest.fixture
def workspace(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Return a workspace in a folder with images of two sizes, a mask, and a text file with the name of an image."""
    Image.new("RGB", (64, 48)).save(tmp_path / "big.png")
    Image.new("L", (64, 48)).save(tmp_path / "mask.png")
    Image.new("L", (16, 16)).save(tmp_path / "small.png")
    (tmp_path / "text.png").write_text("a fox")
    return workspace


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[line for line, _ in REFUSALS])
def test_a_line_that_is_certain_to_fail_is_refused(workspace: Workspace, line: str, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    assert str(refused.value) == text
    assert "generation" not in workspace.lookup.__dict__  # no model was loaded


@pytest.mark.parametrize("line", ACCEPTED)
def test_a_line_that_could_succeed_is_accepted(workspace: Workspace, line: str) -> None:
    assert workspace.plan(line).nodes


def test_all_errors_are_reported_at_once_except_those_caused_by_another_error(workspace: Workspace) -> None:
    with pytest.raises(Refusal) as refused:
        workspace.plan("t2i a --stesp 4 --width 20 | scale 0.1 | crop 9000 9000 --left 1")
    assert [error.code for error in refused.value.errors] == ["unknown_option"]
    with pytest.raises(Refusal) as refused:
        workspace.plan("load big.png | pad 16384 | scale 64 | crop 900000 1")
    assert [error.code for error in refused.value.errors] == ["bad_value"]
    with pytest.raises(Refusal) as refused:
        workspace.plan("i2i bug.png a --width 3 --model nowhere | blur -1")
    codes = ["nothing_matches", "out_of_range", "model_missing", "out_of_range"]
    assert [error.code for error in refused.value.errors] == codes


def test_image_sizes_are_tracked_from_line_to_line(workspace: Workspace, tmp_path: Path) -> None:
    workspace.run("load big.png as big | scale 2 as double")
    for line in ("crop 130 10 --image @double", "| crop 130 10", "blend @double --image @big"):
        with pytest.raises(Refusal, match="128x96"):
            workspace.plan(line)
    assert workspace.plan("crop 128 96 --image @double").nodes
    workspace.attach(workspace.session_id)  # from here on, the sizes come from the stored results
    with pytest.raises(Refusal, match="128x96"):
        workspace.plan("crop 130 10 --image @double")


def test_loops_are_tracked_from_line_to_line(workspace: Workspace) -> None:
    workspace.run("range 1 3 | iterate as n")
    for _ in range(2):
        with pytest.raises(Refusal, match="each image of the loop"):
            workspace.plan("t2i a --seed @n | save a.png")
        assert workspace.plan("load big.png | save a.png").nodes
        workspace.attach(workspace.session_id)


def test_a_file_is_read_again_only_after_it_has_changed(workspace: Workspace, tmp_path: Path) -> None:
    line, big = "load big.png | crop 60 40", tmp_path / "big.png"
    assert workspace.plan(line).nodes
    state = os.stat(big)
    big.write_bytes(b"x" * state.st_size)
    os.utime(big, ns=(state.st_atime_ns, state.st_mtime_ns))  # size and modification time do not reveal the change
    assert workspace.plan(line).nodes
    os.utime(big, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    with pytest.raises(Refusal, match="is not one of PNG"):
        workspace.plan(line)


def test_the_stages_of_a_recipe_are_checked(workspace: Workspace) -> None:
    """An error points at the value that the line sets, or at the command if the line sets no value."""
    with pytest.raises(Refusal) as refused:
        workspace.plan("load big.png | inpaint a --mask small.png --strength 0.01")
    spans = [(error.span.start, error.span.end) for error in refused.value.errors]
    assert spans == [(32, 41), (53, 57)]

"""A file of a sweep that cannot be read is one failed item: the others continue, and `retry` completes the sweep."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.damaged import REASON, damage
from tests.invokeai_cli.conftest import TypeLine

AGAIN = "  `retry` runs the failed items again\n"
ALL = "in/a.png in/b.png in/c.png"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return a folder with three images, the second of which is damaged."""
    (tmp_path / "in").mkdir()
    for name in "ac":
        draw(tmp_path / "in" / f"{name}.png")
    return damage(tmp_path / "in" / "b.png").parent


def draw(path: Path) -> None:
    Image.linear_gradient("L").resize((8, 8)).convert("RGB").rotate(ord(path.stem)).save(path)


@pytest.mark.parametrize(
    ("line", "node"),
    [
        ("blur 'in/*.png' 2", "blur (1)"),
        ("load 'in/*.png' | blur 2", "blur (2)"),
        ("load 'in/*.png' as p | blur --image @p* 2", "blur (2)"),
        (f"blur {ALL} 2", "blur (1)"),
        (f"load {ALL} | blur 2", "blur (2)"),
        ("load in/a.png 'in/[bc].png' | blur 2", "blur (2)"),
        ("blur --image in/a.png --image in/b.png --image in/c.png 2", "blur (1)"),
        ("sweep image=in/a.png in/b.png in/c.png | blur 2", "load (1.load)"),
    ],
)
def test_the_readable_files_are_used_and_retry_uses_the_mended_file(
    type_: TypeLine, files: Path, tmp_path: Path, line: str, node: str
) -> None:
    line = f"{line} | save out/{{stem}}.png"
    done = type_(line)
    assert (done.status, done.out) == (3, "out/a.png\nout/c.png\n")
    assert done.err == f"error: {node} for b.png: `in/b.png` {REASON}\n{AGAIN}"
    again = type_("retry")
    assert (again.status, again.out) == (3, "")
    assert again.err == f"retrying line 1: {line}\nerror: {node} for b.png: `in/b.png` {REASON}\n{AGAIN}"
    draw(files / "b.png")
    mended = type_("retry")
    assert (mended.status, mended.out, mended.err) == (0, "out/b.png\n", f"retrying line 1: {line}\n")
    type_("blur in/b.png 2 | save alone.png")
    assert Image.open(tmp_path / "out/b.png").tobytes() == Image.open(tmp_path / "alone.png").tobytes()


def test_a_new_file_in_the_folder_does_not_shift_the_items_of_a_retried_line(type_: TypeLine, files: Path) -> None:
    type_("blur 'in/*.png' 2 | save out/{stem}.png")
    draw(files / "0.png")
    draw(files / "b.png")
    assert type_("retry").out == "out/b.png\n"


def test_no_result_is_cached_for_a_broken_file(type_: TypeLine, files: Path) -> None:
    line = "blur 'in/*.png' 2 | save out/{stem}-{index}.png"
    assert type_(line).status == 3
    draw(files / "b.png")
    assert (type_("retry").status, type_(line).out) == (0, "out/a-4.png\nout/b-5.png\nout/c-6.png\n")
    damage(files / "b.png")
    assert type_(line).status == 3


def test_an_image_made_from_a_mended_file_records_that_file(type_: TypeLine, files: Path) -> None:
    type_("blur 'in/*.png' 1,2 | save out/{axis.image}-{axis.radius}.png")
    draw(files / "b.png")
    assert type_("retry").out == "out/b-1.png\nout/b-2.png\n"
    own = type_("line", "out/b-2.png").out
    assert own == "blur 2 --image in/b.png | save out/b-2.png\n"


@pytest.mark.parametrize(
    "line", ["load 'in/*.png'", "load 'in/*.png' | grid", f"grid {ALL}", "load 'in/*.png' | iterate", f"load {ALL}"]
)
def test_a_stage_that_takes_all_files_needs_each_of_them(type_: TypeLine, files: Path, line: str) -> None:
    done = type_(line)
    assert (done.status, done.out) == (1, "")
    assert f"`in/b.png` {REASON}" in done.err


def test_the_stages_before_a_stage_that_takes_all_files_use_the_readable_ones(type_: TypeLine, files: Path) -> None:
    done = type_("-", "--keep-going", stdin="load 'in/*.png' as p | blur 2 | save {stem}.png\ngrid @p | save g.png\n")
    assert (done.status, done.out) == (3, "a.png\nc.png\n")
    assert done.err.endswith(f"error: grid (4): `in/b.png` {REASON}\n")


def test_if_no_file_can_be_read_each_is_reported_and_the_status_is_that_of_a_failed_line(
    type_: TypeLine, files: Path
) -> None:
    for name in "ac":
        damage(files / f"{name}.png")
    done = type_("blur 'in/*.png' 2 | grid")
    assert (done.status, done.out, done.err.count(REASON)) == (1, "", 3)


def test_a_sheet_has_a_hole_for_each_broken_file_and_retry_draws_the_sheet_again(
    type_: TypeLine, files: Path, tmp_path: Path
) -> None:
    damage(files / "a.png")
    line = "blur 'in/*.png' 1,2 | grid | save sheet.png"
    done = type_(line)
    assert (done.status, done.out) == (3, "sheet.png\n")
    assert [text for text in done.err.splitlines() if "for" in text] == [
        f"error: blur (1) for {name}.png, radius {radius}: `in/{name}.png` {REASON}" for name in "ab" for radius in "12"
    ]
    sheets = [(tmp_path / "sheet.png").read_bytes()]
    for name, status in (("a", 3), ("b", 0)):
        draw(files / f"{name}.png")
        again = type_("retry")
        assert (again.status, again.out) == (status, "sheet.png\n")
        sheets.append((tmp_path / "sheet.png").read_bytes())
    assert len({*sheets}) == 3
    type_(line.replace("sheet", "whole"))
    whole, sheet = (Image.open(tmp_path / f"{name}.png") for name in ("whole", "sheet"))
    assert whole.tobytes() == sheet.tobytes()


def test_retry_prints_only_what_the_line_prints(type_: TypeLine, files: Path, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("image,name,radius\nin/a.png,x,1\nin/b.png,y,2\nin/c.png,z,3\n")
    done = type_('sweep jobs.csv | blur | save "{axis.name}.png"')
    assert (done.status, done.out) == (3, "x.png\nz.png\n")
    assert done.err == (f"error: load (1.load) for image in/b.png, name y, radius 2: `in/b.png` {REASON}\n{AGAIN}")
    draw(files / "b.png")
    assert type_("retry").out == "y.png\n"


def test_a_sheet_with_holes_can_be_used_in_a_later_line(type_: TypeLine, files: Path) -> None:
    done = type_("-", "--keep-going", stdin="blur 'in/*.png' 2 | grid as g | save g.png\nblur @g 1 | save h.png\n")
    assert (done.status, done.out) == (3, "g.png\nh.png\n")
    assert type_("line", "h.png").status == 0


@pytest.mark.parametrize(
    ("line", "status", "shown"),
    [
        ("div 1 0,1,2", 3, "div (1) for b 0: division by zero"),
        ("div 1 0,0", 1, "div (1) for b 0: division by zero"),
        ("div 1 0,1 | length", 3, "div (1) for b 0: division by zero"),
        ("div 1 0,1 | add 1,2", 3, "div (1) for b 0: division by zero"),
        ("range 0 2 as n | div 1 --b @n* --no-link", 3, "div (2) for b 0: division by zero"),
        ("range 0 2 | iterate as n | div 1 --b @n --no-link", 3, "div (3) for item 1: division by zero"),
    ],
)
def test_the_status_is_3_if_some_items_failed_and_others_ran(
    type_: TypeLine, line: str, status: int, shown: str
) -> None:
    done = type_(line)
    assert (done.status, shown in done.err) == (status, True), done.err


def test_the_title_of_a_sheet_names_a_broken_file_without_reading_it(type_: TypeLine, files: Path) -> None:
    done = type_("blur 'in/*.png' 1,2 | collect --by radius --holes | grid | save '{axis.image}.png'")
    assert (done.status, done.out) == (3, "a.png\nc.png\n")
    assert [text.partition(":")[0] for text in done.err.splitlines() if "read" in text] == ["error"] * 2
    assert "format" not in done.err

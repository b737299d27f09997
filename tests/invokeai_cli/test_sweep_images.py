"""An image of a sweep records how it alone can be made again: the values on the axes are part of its own line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

SMALL = "--steps 1 --width 64 --height 64"
OWN = 't2i "a red fox" --model default --width 64 --height 64 --steps 1'

LINES = (
    (f"t2i a red fox --seed 1,2 {SMALL} | save", f"{OWN} --seed 2"),
    (
        f"t2i a red fox {SMALL} --seed 3,4 --scheduler ddim,euler --zip seed,scheduler | save",
        f"{OWN} --scheduler euler --seed 4",
    ),
    (f"t2i a blue fox {SMALL} --seed 5 --vary blue=red | save", f"{OWN} --seed 5"),
    (f'sweep seed=6,7 prompt="a boat" "a red fox" | t2i {SMALL} | save', f"{OWN} --seed 7"),
)


@pytest.mark.parametrize(("line", "own"), LINES, ids=[case[0] for case in LINES])
def test_the_own_line_of_an_image_has_plain_values(type_: TypeLine, line: str, own: str, tmp_path: Path) -> None:
    made = type_(f"{line} x-{{index}}.png", folder=tmp_path)
    assert made.status == 0
    last = made.out.split()[-1]
    assert type_("line", last, folder=tmp_path).out == f"{own} | save x-{{index}}.png\n"


def test_the_own_line_of_an_image_makes_the_same_image(type_: TypeLine, tmp_path: Path) -> None:
    type_(f"t2i a red fox --seed 1,2 {SMALL} --guidance 3,5 | save x-{{index}}.png", folder=tmp_path)
    line = type_("line", "x-4.png", folder=tmp_path).out.strip()
    shutil.move(tmp_path / "x-4.png", tmp_path / "before.png")
    made = type_(line.replace("x-{index}.png", "after.png"), "--no-cache", folder=tmp_path)
    assert made.status == 0
    again = type_("compare before.png after.png", folder=tmp_path)
    assert again.status == 0


def test_a_sheet_records_the_whole_sweep(type_: TypeLine, tmp_path: Path) -> None:
    type_(f"t2i a red fox --seed 1,2 {SMALL} | grid | save sheet.png", folder=tmp_path)
    assert "--axis seed" in type_("line", "sheet.png", folder=tmp_path).out


def test_the_whole_sweep_of_an_image_is_recorded_too(type_: TypeLine, tmp_path: Path) -> None:
    line = f"t2i a red fox --seed 1,2 {SMALL} | save x-{{index}}.png"
    type_(line, folder=tmp_path)
    assert type_("line", "x-2.png", "--sweep", folder=tmp_path).out == f"{line}\n"


def own_line(type_: TypeLine, folder: Path, line: str, image: str) -> str:
    assert type_(line, folder=folder).status == 0
    return type_("line", image, folder=folder).out.strip()


def test_the_own_line_of_an_image_has_the_name_that_its_axes_gave_it(type_: TypeLine, tmp_path: Path) -> None:
    line = f"t2i a red fox --seed 1,2 {SMALL} | save {{axis.seed}}-{{row}}-{{col:02}}-{{steps}}.png"
    assert own_line(type_, tmp_path, line, "2-1-02-1.png") == f"{OWN} --seed 2 | save 2-1-02-{{steps}}.png"


def test_the_own_line_of_an_image_made_from_one_of_several_files_loads_that_file(
    type_: TypeLine, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    type_(f"t2i a red fox --seed 1,2 {SMALL} | save in/fox-{{seed}}.png", folder=tmp_path)
    pattern = own_line(
        type_, tmp_path, "load 'in/*.png' | iterate --axis image | blur 1,2 | save a-{index}.png", "a-3.png"
    )
    paths = own_line(type_, tmp_path, "blur in/fox-1.png in/fox-2.png 3 | save b-{index}.png", "b-2.png")
    assert (pattern, paths) == (
        "load in/fox-2.png | blur 1 | save a-{index}.png",
        "blur 3 --image in/fox-2.png | save b-{index}.png",
    )


def test_the_own_line_of_one_of_several_sheets_makes_that_sheet(type_: TypeLine, tmp_path: Path) -> None:
    line = f"t2i a red fox --seed 1,2 --guidance 2,4 --scheduler euler,ddim {SMALL} | grid | save {{axis.seed}}.png"
    own = own_line(type_, tmp_path, line, "2.png")
    assert own.endswith(" | pick 1 | save 2.png")
    shutil.move(tmp_path / "2.png", tmp_path / "before.png")
    assert type_(own, folder=tmp_path).out == "2.png\n"
    assert Image.open(tmp_path / "2.png").tobytes() == Image.open(tmp_path / "before.png").tobytes()

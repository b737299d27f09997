"""Each image of a sweep records its own line, which contains the values of the axes and recreates only this image."""

from __future__ import annotations

import json
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
def test_an_images_own_line_contains_single_values(type_: TypeLine, line: str, own: str, tmp_path: Path) -> None:
    made = type_(f"{line} x-{{index}}.png", folder=tmp_path)
    assert made.status == 0
    last = made.out.split()[-1]
    assert type_("line", last, folder=tmp_path).out == f"{own} | save x-{{index}}.png\n"


def test_an_images_own_line_recreates_the_same_image(type_: TypeLine, tmp_path: Path) -> None:
    type_(f"t2i a red fox --seed 1,2 {SMALL} --guidance 3,5 | save x-{{index}}.png", folder=tmp_path)
    line = type_("line", "x-4.png", folder=tmp_path).out.strip()
    shutil.move(tmp_path / "x-4.png", tmp_path / "before.png")
    made = type_(line.replace("x-{index}.png", "after.png"), "--no-cache", folder=tmp_path)
    assert made.status == 0
    again = type_("compare before.png after.png", folder=tmp_path)
    assert again.status == 0


SHEETS = (
    f"t2i a red fox --seed 1,2 {SMALL} | grid | save sheet.png",
    f"t2i a red fox --seed 7 --guidance 2..9?2 {SMALL} | grid --columns 1 | save sheet.png",
    f"load-lines p.txt as p | t2i @p* --seed 1,2 {SMALL} | grid | save sheet.png",
    f"sweep jobs.csv | t2i {SMALL} | grid | save sheet.png",
    "blur 'in/*.png' 1,2 | grid | save sheet.png",
    "load 'in/*.png' | blend 'in/*.png' | grid | save sheet.png",
    f"sweep seed=1..3 guidance=3,4 --sample 3 | t2i a fox {SMALL} | grid | save sheet.png",
)


@pytest.fixture
def inputs(tmp_path: Path) -> None:
    """Create the files that the lines read."""
    (tmp_path / "p.txt").write_text("a red fox\na blue boat\n")
    (tmp_path / "jobs.csv").write_text("prompt,seed\na red fox,1\na blue boat,2\n")
    (tmp_path / "in").mkdir()
    for name, color in (("a", "red"), ("b", "blue")):
        Image.new("RGB", (16, 16), color).save(tmp_path / "in" / f"{name}.png")


@pytest.mark.usefixtures("inputs")
@pytest.mark.parametrize("line", SHEETS)
def test_the_line_of_a_sheet_is_the_line_as_typed_and_draws_the_sheet_again(
    type_: TypeLine, line: str, tmp_path: Path
) -> None:
    assert type_(line, folder=tmp_path).status == 0
    found = json.loads(type_("--json", "line", "sheet.png", folder=tmp_path).out)
    assert (found["line"], found["identical"]) == (line, True)
    before = Image.open(tmp_path / "sheet.png").tobytes()
    (tmp_path / "sheet.png").unlink()
    assert type_(found["line"], folder=tmp_path).out == "sheet.png\n"
    assert Image.open(tmp_path / "sheet.png").tobytes() == before


def test_the_line_of_a_sheet_contains_the_seed_that_was_picked(type_: TypeLine, tmp_path: Path) -> None:
    type_("add 1 2", folder=tmp_path)
    type_(f"t2i a red fox --guidance 2..9?2 {SMALL} | grid | save sheet.png", "--no-cache", folder=tmp_path)
    line = type_("line", "sheet.png", folder=tmp_path).out.strip()
    assert line == type_("line", "sheet.png", "--sweep", folder=tmp_path).out.strip()
    assert line.startswith("t2i --seed ")
    before = Image.open(tmp_path / "sheet.png").tobytes()
    (tmp_path / "sheet.png").unlink()
    assert type_(line, "--no-cache", folder=tmp_path).out == "sheet.png\n"
    assert Image.open(tmp_path / "sheet.png").tobytes() == before


def test_the_line_of_a_sheet_that_uses_an_earlier_line_is_written_from_its_graph(
    type_: TypeLine, tmp_path: Path
) -> None:
    script = tmp_path / "a.inv"
    script.write_text(f"t2i a fox --seed 1,2 {SMALL} as fox\nblur @fox 1,2 | grid | save sheet.png\n")
    assert type_("run", "a.inv", folder=tmp_path).status == 0
    line = type_("line", "sheet.png", folder=tmp_path)
    assert "--axis seed" in line.out
    assert "--axes" not in line.out
    whole = type_("line", "sheet.png", "--sweep", folder=tmp_path)
    assert whole.out == "blur @fox 1,2 | grid | save sheet.png\n"
    assert whole.err == "the line cannot be planned by itself: there is no earlier stage `@fox`\n"


TITLED = (
    (f"t2i a fox --seed 1,2 {SMALL}", f"t2i a fox --seed 2 {SMALL}", "axis.seed", "2", "seed 2"),
    (f"t2i a fox --guidance 2.5,3 {SMALL} --seed 1", f"t2i a fox --guidance 3 {SMALL} --seed 1", "axis.guidance", "3",
     "guidance 3"),
    (f"t2i a red fox --seed 1 --vary red=blue, {SMALL}", f"t2i a  fox --seed 1 {SMALL}", "axis.red", "without-red",
     "without red"),
    ("load 'in/*.png'", "load in/b.png", "stem", "b", "b"),
    (f"load-lines p.txt as p | t2i @p* --seed 1 {SMALL}", f"t2i a blue boat --seed 1 {SMALL}", "prompt", "a-blue-boat",
     "a blue boat"),
    (f"t2i a fox --seed 1,2 --tiled=yes,no --zip seed,tiled {SMALL}", f"t2i a fox --seed 2 {SMALL}", "seed", "2",
     "seed 2, tiled no"),
)  # fmt: skip


@pytest.mark.usefixtures("inputs")
@pytest.mark.parametrize(("sweep", "single", "field", "name", "title"), TITLED, ids=[case[4] for case in TITLED])
def test_a_sheet_of_one_item_of_an_axis_has_the_item_as_its_title(
    type_: TypeLine, sweep: str, single: str, field: str, name: str, title: str, tmp_path: Path
) -> None:
    made = type_("-q", f"{sweep} | blur 0,1 | collect --by radius | grid | save 's-{{{field}}}.png'", folder=tmp_path)
    assert f"s-{name}.png" in made.out.split()
    assert type_(f"{single} | blur 0,1 | grid --title '{title}' | save one.png", folder=tmp_path).status == 0
    sheets = [Image.open(tmp_path / each).tobytes() for each in (f"s-{name}.png", "one.png")]
    assert sheets[0] == sheets[1]


DRAWN = (
    "t2i a fox --guidance 2..9?2",
    "t2i a fox --seed 2x",
    "sweep seed=2x guidance=2..9?2 --sample 2 | t2i a fox",
    'sweep guidance=2..9?3 --limit 2 | t2i "a {red|blue|green|gray} fox" --dynamic=1',
    't2i "a {red|blue|green|gray} fox" --dynamic=2 --seed 2x',
    "t2i a fox --steps 1,2 | i2i a boat --strength 0.5,0.6",
)


@pytest.mark.parametrize("line", DRAWN)
def test_the_whole_line_of_an_image_makes_exactly_the_same_images(type_: TypeLine, line: str, tmp_path: Path) -> None:
    sizes = "--width 64 --height 64" + (" --steps 1" if "--steps" not in line else "")
    first = line.partition(" | ")[0]
    line = f"{line} {sizes}" if "i2i" not in line else line.replace(first, f"{first} {sizes}")
    made = type_("-q", f"{line} | save x-{{index}}.png", "--no-cache", folder=tmp_path).out.split()
    before = [Image.open(tmp_path / name).tobytes() for name in made]
    found = [type_("line", name, "--sweep", folder=tmp_path).out for name in made]
    assert len(set(found)) == 1
    for name in made:
        (tmp_path / name).unlink()
    again = type_("-q", found[0].strip(), "--no-cache", folder=tmp_path).out.split()
    assert [Image.open(tmp_path / name).tobytes() for name in again] == before
    assert len(before) > 1


def test_an_image_also_records_the_line_of_the_whole_sweep(type_: TypeLine, tmp_path: Path) -> None:
    line = f"t2i a red fox --seed 1,2 {SMALL} | save x-{{index}}.png"
    type_(line, folder=tmp_path)
    assert type_("line", "x-2.png", "--sweep", folder=tmp_path).out == f"{line}\n"


def own_line(type_: TypeLine, folder: Path, line: str, image: str) -> str:
    assert type_(line, folder=folder).status == 0
    return type_("line", image, folder=folder).out.strip()


def test_an_images_own_line_saves_it_under_the_name_that_its_axes_determine(type_: TypeLine, tmp_path: Path) -> None:
    line = f"t2i a red fox --seed 1,2 {SMALL} | save {{axis.seed}}-{{row}}-{{col:02}}-{{steps}}.png"
    assert own_line(type_, tmp_path, line, "2-1-02-1.png") == f"{OWN} --seed 2 | save 2-1-02-{{steps}}.png"


def test_an_images_own_line_loads_only_the_file_that_the_image_was_made_from(type_: TypeLine, tmp_path: Path) -> None:
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


@pytest.mark.parametrize(
    "line",
    [
        f"t2i a red fox {SMALL} --seed 1,2 --guidance 2,3 --clip-skip 0,1 | grid | save {{axis.seed}}.png",
        f"t2i a red fox {SMALL} --seed 1,2 | blur 1,2 | collect --by radius | grid | save {{axis.seed}}.png",
    ],
)
def test_the_line_of_one_of_several_sheets_is_the_line_as_typed(type_: TypeLine, line: str, tmp_path: Path) -> None:
    assert type_("-q", line, folder=tmp_path).out == "1.png\n2.png\n"
    found = json.loads(type_("--json", "line", "2.png", folder=tmp_path).out)
    assert (found["line"], found["identical"]) == (line, False)
    assert found["notes"] == ["the line also makes the other images of its sweep"]
    before = Image.open(tmp_path / "2.png").tobytes()
    for sheet in ("1.png", "2.png"):
        (tmp_path / sheet).unlink()
    assert type_("-q", found["line"], folder=tmp_path).out == "1.png\n2.png\n"
    assert Image.open(tmp_path / "2.png").tobytes() == before

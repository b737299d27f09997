"""The lines in the topics about lists and sweeps run as they are printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from invocations.catalog.registry import open_registry
from tests.invokeai_cli.conftest import TypeLine
from workflows.manual import sweeps

COMMANDS = {*open_registry().specs(), "sweep"}
COLUMN = re.compile(r"\S {2,}\S")  # a line with a description beside it is a row of a table, not a whole line


def lines_in(page: str) -> Iterator[str]:
    """Yield the lines of a page that can be typed; a line that ends in `|` continues on the next one."""
    for line in re.sub(r"\|\n +", "| ", page).split("\n"):
        if line.startswith("  ") and line.split()[0] in COMMANDS and not COLUMN.search(line):
            yield line.strip()


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a folder with the files that the lines read."""
    image = Image.new("RGB", (64, 64), "skyblue")
    ImageDraw.Draw(image).ellipse((16, 16, 48, 48), fill="orangered")
    mask = Image.new("L", (64, 64))
    ImageDraw.Draw(mask).rectangle((0, 0, 63, 31), fill=255)
    mask.save(tmp_path / "mask.png")
    for name in ("house.png", "a.png", "b.png", "in/a.png", "in/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        image.save(tmp_path / name)
    image.resize((16, 16)).save(tmp_path / "logo.png")
    (tmp_path / "prompts.txt").write_text("a red house\na blue boat\n")
    (tmp_path / "jobs.csv").write_text(
        'name,prompt,seed,steps\nmorning,a red house,1,2\nevening,"a boat, at night",2,3\n'
    )
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "thing.txt").write_text("house\nboat\n")
    return tmp_path


@pytest.mark.usefixtures("scripted", "here")
@pytest.mark.parametrize("line", [*lines_in(sweeps.LOOPS), *lines_in(sweeps.SWEEPS), *lines_in(sweeps.WILDCARDS)])
def test_every_line_about_loops_and_sweeps_runs(line: str, type_: TypeLine) -> None:
    result = type_("-q", line)
    assert (result.status, result.err) == (0, "")
    assert result.out


@pytest.mark.parametrize(
    ("part", "printed"),
    [
        ("range 1 5 | mul", "10\n20\n30\n40\n"),
        ("range 1 5 | iterate as n | compare", "small\nsmall\nbig\nbig\n"),
        ("list 1 2 | iterate --axis", "11, 12\n21, 22\n31, 32\n"),
        ("list 1 2 | iterate as", "[11, 21, 31]\n[12, 22, 32]\n"),
        ("list red green | iterate", "a red house, a green house\n"),
        ("zip 1,2", "1, red\n2, green\n"),
    ],
)
def test_the_lines_about_loops_print_what_the_page_says(part: str, printed: str, type_: TypeLine) -> None:
    (line,) = [line for line in lines_in(sweeps.LOOPS) if line.startswith(part)]
    assert type_(line).out == printed

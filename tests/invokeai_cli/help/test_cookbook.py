"""The lines in the cookbook run as they are printed, with the included model, and save what they promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.help.test_topic_lines import here
from workflows.manual.cookbook import COOKBOOK, cookbook_page
from workflows.manual.page import Literal

__all__ = ["here"]
SAVED = (  # the files of each example, or only how many if their names contain random or running numbers
    "seeds.png",
    4,
    "settings.png",
    "s.png",
    "euler.png ddim.png",
    "search.png",
    1,
    "a-red-house.png a-red-boat.png a-blue-house.png a-blue-boat.png",
    4,
    "1-1.png 1-2.png 2-1.png 2-2.png",
    "morning.png evening.png",
    "zip.png",
    "strength.png",
    "boats.png",
    "out/a-0.4.png out/a-0.6.png out/b-0.4.png out/b-0.6.png",
    "cake-1.png cake-2.png cake-3.png",
    1,
    "large/a.png large/b.png",
    "marked/a.png marked/b.png",
    "contact.png",
)


def test_the_cookbook_has_twenty_examples_that_fit_in_80_columns() -> None:
    assert len(COOKBOOK) == len(SAVED) == 20
    blocks = [block for block in cookbook_page() if isinstance(block, Literal)]
    assert len(blocks) == 21
    assert max(len(line) for block in blocks for line in block.text.split("\n")) <= 80


@pytest.mark.parametrize(("number", "saved"), list(enumerate(SAVED)))
def test_each_example_in_the_cookbook_saves_the_images_it_promises(
    number: int, saved: str | int, here: Path, type_: TypeLine
) -> None:
    assert type_("set steps 4 --save").status == 0  # the quality of the images does not matter
    before = {*here.rglob("*.png")}
    result = type_("-q", COOKBOOK[number].line)
    assert (result.status, result.err) == (0, "")
    files = {path.relative_to(here).as_posix() for path in {*here.rglob("*.png")} - before}
    assert files == set(saved.split()) if isinstance(saved, str) else len(files) == saved
    assert len(result.out.split()) == len(files)


def test_an_example_can_be_pasted_with_its_line_breaks(here: Path, type_: TypeLine) -> None:
    (block,) = [block for block in cookbook_page() if isinstance(block, Literal) and block.text.startswith("18. ")]
    assert type_("-", stdin=block.text.split("\n", 1)[1], terminal=False).status == 0
    assert (here / "large" / "a.png").exists()

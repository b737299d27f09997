"""The commands in `docs/recipes.md` print what the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.docs.test_how_to import answers, run

PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
BLOCKS = re.findall(r"^```console\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
SHOWN = "~/.config/invokeai-cli/nodes"


def test_the_commands_on_the_page_about_recipes_print_what_it_shows(tmp_path: Path, isolated_home: Path) -> None:
    folder = str(isolated_home / "config" / "nodes")
    for block in BLOCKS:
        for words, answer in answers(block):
            done = run(words, isolated_home, tmp_path)
            assert (done.returncode, done.stdout.replace(folder, SHOWN)) == (0, answer), shlex.join(words) + done.stderr


@pytest.mark.parametrize("option", ["--t2i.guidance 5", "--scale.factor 3"])
def test_options_for_single_stages_on_the_page_are_accepted(tmp_path: Path, isolated_home: Path, option: str) -> None:
    assert option in PAGE.read_text("utf-8")
    for words, _ in answers(BLOCKS[0]):
        if "save" in words:
            run(words, isolated_home, tmp_path)
    assert run(["invokeai", "explain", f"poster a red house {option}"], isolated_home, tmp_path).returncode == 0

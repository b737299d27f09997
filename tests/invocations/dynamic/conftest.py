"""Fixtures: folders of wildcard files, and the package dynamicprompts, whose syntax the templates follow."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FILES = {
    "season.txt": "# a comment\nsummer\nautumn\n\nwinter\nspring\n",
    "either.txt": "summer\n{autumn|fall}\nwinter\n",
    "flavours.txt": "chocolate\nvanilla\nstrawberry\n",
    "colours-cold.txt": "blue\ngreen\n",
    "colours-warm.txt": "red\nyellow\n",
    "people.txt": "__asia__\n__africa__\n",
    "asia.txt": "Thai\nNepali\n",
    "africa.txt": "Zimbabwean\nBasotho\n",
    "deep/er/stone.txt": "granite\nmarble\n",
    "season_clothes.txt": "In ${season:summer}, I wear ${season:summer} shirts\n",
    "clothes.yaml": (
        "clothing:\n  - T-shirt\n  - Pants\nartists:\n  finnish:\n    - Eero Järnefelt\n    - Helene Schjerfbeck\n"
        "  dutch:\n    - Rembrandt van Rijn\n  1234: 5678\n  flurp: 12345\n"
        "weighted: |\n  {\n    2::red\n    | 3::blue\n    | 1:: green\n  }\n"
        "toys:\n  - |\n    # Usage: __toys(figure=elephant)__\n    cute ${figure} plush toy,\n    square image\n"
    ),
    "pantry.json": json.dumps({"tools": {"small": ["awl", "{pin|needle}"], "large": ["anvil"]}}),
    "examples.yaml": (
        "examples:\n  prompt:\n    - '${subject?=!{man|woman}} ${weather?=!{sun|rain}} ${drink?=!{__examples/drink__}}"
        " a ${subject} standing in the ${weather} drinking ${drink}'\n  drink:\n    - coffee\n    - tea\n"
        "  winter:\n    - '${weather=snow} ${drink=hot chocolate} __examples/prompt__'\n"
    ),
}
Write = Callable[[dict[str, str]], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes files into a new folder and returns its path."""

    def write(files: dict[str, str]) -> str:
        for name, text in files.items():
            path = tmp_path / "words" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        return str(tmp_path / "words")

    return write


@pytest.fixture
def words(write: Write) -> str:
    """A folder with wildcard files."""
    return write(FILES)


@pytest.fixture(scope="session")
def reference() -> Any:
    """The package dynamicprompts."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the package uses deprecated names from pyparsing
        import dynamicprompts.generators
        import dynamicprompts.wildcards
    return dynamicprompts

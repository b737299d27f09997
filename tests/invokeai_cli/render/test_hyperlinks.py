"""Image paths are printed as hyperlinks on terminals that support them."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

KNOWN = [
    {"TERM_PROGRAM": "WezTerm"},
    {"TERM": "xterm-kitty"},
    {"VTE_VERSION": "6800"},
    {"WT_SESSION": "1"},
    {"FORCE_HYPERLINK": "1"},
]
UNKNOWN = [
    {},
    {"VTE_VERSION": "4600"},
    {"TERM_PROGRAM": "WezTerm", "TMUX": "/tmp/t"},
    {"TERM_PROGRAM": "WezTerm", "FORCE_HYPERLINK": "0"},
]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return an image file with a space in its name."""
    Image.new("RGB", (8, 8), "red").save(tmp_path / "a red.png")
    return tmp_path / "a red.png"


@pytest.mark.parametrize("variables", KNOWN)
def test_a_path_is_a_link_to_its_file(type_: TypeLine, image: Path, variables: dict[str, str]) -> None:
    result = type_("load", image.name, terminal=True, **variables)
    address = f"file://{socket.gethostname()}{image.parent!s}/a%20red.png"
    assert result.out == f"\x1b]8;;{address}\x1b\\a red.png\x1b]8;;\x1b\\\n"


@pytest.mark.parametrize("variables", UNKNOWN)
def test_terminals_without_hyperlinks_show_only_the_path(
    type_: TypeLine, image: Path, variables: dict[str, str]
) -> None:
    assert type_("load", image.name, terminal=True, **variables).out == "a red.png\n"


def test_paths_are_not_links_if_the_output_is_not_a_terminal(type_: TypeLine, image: Path) -> None:
    assert type_("load", image.name, FORCE_HYPERLINK="1").out == "a red.png\n"
    assert type_("-q", "load", image.name, terminal=True, TERM_PROGRAM="WezTerm").out == "a red.png\n"

"""Fixtures for testing directives: a stored session, and image files with text metadata."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.session_ids import session_ids


@pytest.fixture
def image_file(tmp_path: Path) -> Callable[..., str]:
    """Return a function that makes an image with text metadata: `image_file("a.png", {"parameters": "a fox"})`."""

    def make(name: str, texts: dict[str, str]) -> str:
        info = PngInfo()
        for key, text in texts.items():
            info.add_text(key, text, zip=len(text) > 1000)
        Image.new("RGB", (8, 8)).save(tmp_path / name, pnginfo=info)
        return name

    return make


@pytest.fixture
def session(type_: TypeLine) -> str:
    """Return the id of a session with three lines, the second of which failed."""
    type_("-", "--keep-going", stdin="add 1 2 as sum\ndiv 1 0\nrange 1 3 | iterate | mul 2 | collect\n")
    return session_ids(type_)[0]

"""The core's README: its example runs as written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

README = Path(__file__).parents[2] / "core" / "README.md"


def test_the_example_generates_an_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = re.search(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert found is not None
    monkeypatch.chdir(tmp_path)
    exec(found[1].replace("on_step=print", "on_step=lambda step: None"), {})
    with Image.open(tmp_path / "house.png") as image:
        assert image.mode == "RGB"

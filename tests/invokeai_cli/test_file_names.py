"""File names that are not valid UTF-8, that are only a suffix, or that name a symbolic link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

NAME = "caf\udce9.png"  # as Python represents the bytes `caf\\xe9.png`


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """Return a small image file."""
    Image.new("RGB", (12, 8), "red").save(tmp_path / "x.png")
    return tmp_path / "x.png"


def test_an_image_whose_name_is_not_utf8_is_loaded_and_the_line_is_recorded(
    type_: TypeLine, image: Path, tmp_path: Path
) -> None:
    os.rename(image, tmp_path / NAME)
    for _ in range(2):  # the second run uses the cache
        result = type_("load", NAME, "|", "blur", "1", "|", "save", "u.png", "--overwrite")
        assert (result.status, result.out, result.err) == (0, "u.png\n", "")
    with Image.open(tmp_path / "u.png") as saved:
        assert saved.text["invokeai:line"] == "load caf\ufffd.png | blur 1 | save u.png --overwrite"  # type: ignore[attr-defined]
    assert type_("line", "u.png").status == 0


def test_an_image_is_saved_under_a_name_that_is_not_utf8(type_: TypeLine, image: Path, tmp_path: Path) -> None:
    result = type_("load", "x.png", "|", "save", NAME)
    assert (result.status, result.out, result.err) == (0, f"{NAME}\n", "")
    assert os.fsencode(NAME) in os.listdir(os.fsencode(tmp_path))


@pytest.mark.parametrize("name", [".png", "sub/.JPG"])
def test_a_suffix_without_a_name_is_refused_as_a_file_name(
    type_: TypeLine, image: Path, tmp_path: Path, name: str
) -> None:
    result = type_("load", "x.png", "|", "save", name)
    assert (result.status, result.out) == (2, "")
    assert f"error: `{name}` cannot be written: there is no name before the suffix\n" in result.err
    assert f"  write a name, such as `image{Path(name).name}`\n" in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]


def test_overwriting_a_symbolic_link_replaces_the_file_it_points_to(
    type_: TypeLine, image: Path, tmp_path: Path
) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "real.png"
    Image.new("RGB", (3, 3)).save(target)
    (tmp_path / "link.png").symlink_to(target)
    refused = type_("load", "x.png", "|", "save", "link.png")
    assert refused.status != 0
    result = type_("load", "x.png", "|", "save", "link.png", "--overwrite")
    assert (result.status, result.err) == (0, "")
    assert (tmp_path / "link.png").is_symlink()
    with Image.open(target) as saved:
        assert saved.size == (12, 8)
    assert sorted(path.name for path in target.parent.iterdir()) == ["real.png"]

"""Image files named in lines are checked without decoding them, and read again only after they have changed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from invocations.services.errors import ServiceError
from invocations.services.images import headers as module
from invocations.services.images.headers import FileHeaders

Maker = Callable[..., Image.Image]
OLD_NS = 10**18  # long ago: a folder last changed at this time counts as unchanged


@pytest.fixture
def headers(tmp_path: Path, picture: Maker) -> FileHeaders:
    """Return the service for a folder that contains one image, `a1.png`, and was changed long ago."""
    picture("RGB", 12, 8).save(tmp_path / "a1.png")
    os.utime(tmp_path, ns=(OLD_NS, OLD_NS))
    return FileHeaders(tmp_path, max_pixels=1000)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that records each name or pattern for which a folder is read."""
    found: list[str] = []
    matching = module.matching
    monkeypatch.setattr(module, "matching", lambda source, base: found.append(source) or matching(source, base))
    return found


def refusal(headers: FileHeaders, source: str) -> str:
    with pytest.raises(ServiceError) as refused:
        headers.check(source)
    return f"{refused.value.code}: {refused.value.message} / {refused.value.hint}"


@pytest.mark.parametrize("source", ["a1.png", "a*.png", "-", "b*/x.png", "**/x.png", "[a]1.png"])
def test_a_source_that_may_be_read_is_accepted(headers: FileHeaders, source: str) -> None:
    headers.check(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("a2.png", "nothing_matches: no file matches `a2.png` / did you mean `a1.png`?"),
        ("b/a1.png", "nothing_matches: no file matches `b/a1.png` / "),
        ("b*.png", "nothing_matches: no file matches `b*.png` / "),
        ("", "nothing_matches: no file matches `` / specify the path of an image"),
        ("x\0y", "nothing_matches: no file matches `x\0y` / "),
        ("http://x/y.png", ("url_refused: `http://x/y.png` is a URL, and downloading is not allowed / "
         "add `--allow-url` to download the image")),
        ("large.png", ("image_too_large: `large.png` has 0.0 megapixels; the limit is 0.0 / "
         "make it smaller before loading it, or raise the setting `max_megapixels`")),
        ("text.png", ("image_unreadable: `text.png` cannot be read as an image: "
         "its format is not one of PNG, JPEG, WEBP, TIFF, BMP, GIF / ")),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_read_is_refused(headers: FileHeaders, tmp_path: Path, source: str, text: str) -> None:
    Image.new("L", (40, 40)).save(tmp_path / "large.png")
    (tmp_path / "text.png").write_text("text")
    assert refusal(headers, source) == text


def test_the_size_is_known_if_the_source_is_a_single_image(headers: FileHeaders, tmp_path: Path) -> None:
    assert headers.size("a1.png") == headers.size(str(tmp_path / "a1.png")) == (12, 8)
    assert headers.size("a*.png") is headers.size("a2.png") is headers.size("-") is None


def test_a_folder_is_read_again_only_after_it_has_changed(
    headers: FileHeaders, listed: list[str], tmp_path: Path, picture: Maker
) -> None:
    for _ in range(3):
        refusal(headers, "b1.png")
        refusal(headers, "b*.png")
        headers.check("a*.png")
    assert sorted(listed) == ["a*.png", "b*.png", "b1.png"]
    picture("RGB", 8, 8).save(tmp_path / "b1.png")
    headers.check("b1.png")
    headers.check("b*.png")
    assert listed[3:] == ["b*.png"]


def test_a_folder_that_has_just_changed_is_read_again(headers: FileHeaders, listed: list[str], tmp_path: Path) -> None:
    os.utime(tmp_path)
    refusal(headers, "b*.png")
    refusal(headers, "b*.png")
    assert listed == ["b*.png", "b*.png"]

"""Whether a file is another tool's text or an image: its suffix decides, or without a suffix, its content."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from workflows.importers.document import HEAD_BYTES, is_document

SETTINGS = "a fox 狐\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512"


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_an_image_without_a_suffix_is_not_treated_as_text(tmp_path: Path, format_: str) -> None:
    Image.effect_noise((64, 64), 90).convert("RGB").save(tmp_path / "image", format_)
    assert not is_document(tmp_path / "image")


@pytest.mark.parametrize(
    ("data", "is_text"),
    [
        (SETTINGS.encode(), True),
        (b'\xef\xbb\xbf{"prompt": "a"}', True),
        (b"GIF, a picture in the style of 1989", True),
        (("狐" * HEAD_BYTES).encode(), True),
        (b"BMW, a car", True),
        (b"", False),
        (b"caf\xe9", False),
        (SETTINGS.encode("utf-16"), False),
        (b"\x89PNG\r\n\x1a\n without a zero byte", False),
        (b"\xff\xd8\xff without a zero byte", False),
        (b"GIF89a without a zero byte", False),
        (b"RIFF\x01\x02\n\x04WEBPVP8 without a zero byte", False),
        (("狐" * HEAD_BYTES).encode()[: HEAD_BYTES - 2], False),
    ],
)
def test_a_file_without_a_suffix_is_treated_as_text_if_it_is_utf_8_and_not_an_image(
    tmp_path: Path, data: bytes, is_text: bool
) -> None:
    (tmp_path / "file").write_bytes(data)
    assert is_document(tmp_path / "file") == is_text


@pytest.mark.parametrize(("name", "is_text"), [("a.txt", True), ("a.JSON", True), ("a.png", False)])
def test_a_suffix_decides_whatever_the_file_contains(tmp_path: Path, name: str, is_text: bool) -> None:
    (tmp_path / name).write_bytes(b"\0" if is_text else SETTINGS.encode())
    assert is_document(tmp_path / name) == is_text

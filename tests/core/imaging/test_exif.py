"""Exif and XMP metadata in every encoding that tools write. Cases e01 to e07 are in `tests/material/foreign`."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ExifTags, Image

from core.imaging.metadata import read_texts

FOREIGN = Path("tests/material/foreign")
SETTINGS = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512"
COMMENT, MAKER_NOTE = ExifTags.Base.UserComment, ExifTags.Base.MakerNote


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("e01-unicode-utf8.jpg", f"a fox, (snow:1.2)\nNegative prompt: blur\n{SETTINGS}"),
        ("e04-little-end.jpg", "赤い狐が雪の中を走る、夕焼け"),
        ("e06-nul-at-end.png", f"a fox, (snow:1.2)\nNegative prompt: blur\n{SETTINGS}"),
        ("e07-utf8-in-text.png", f"狐, (雪:1.2) é\nNegative prompt: ぼけ\n{SETTINGS}"),
    ],
)
def test_the_encoding_of_a_user_comment_is_detected(name: str, text: str) -> None:
    assert read_texts(FOREIGN / name) == {"parameters": text}


def saved(path: Path, exif: Image.Exif) -> Path:
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    return path


def commented(path: Path, body: bytes, endian: str) -> Path:
    exif = Image.Exif()
    exif.endian = endian
    exif.get_ifd(ExifTags.IFD.Exif)[COMMENT] = b"UNICODE\0" + body
    return saved(path, exif)


@pytest.mark.parametrize(
    ("body", "endian", "text"),
    [
        ("狐".encode("utf-16-le"), "<", "狐"),
        ("狐".encode("utf-16-be"), ">", "狐"),
        ("\ufeff狐".encode("utf-16-be"), "<", "狐"),
        ("\ufeff狐".encode("utf-16-le"), ">", "狐"),
        ("fox 狐".encode("utf-16-be"), "<", "fox 狐"),
        ("狐 fox".encode(), "<", "狐 fox"),
        ("fox\0".encode("utf-16-le"), "<", "fox"),
    ],
)
def test_the_byte_order_of_a_user_comment_is_detected_or_else_taken_from_the_exif_header(
    body: bytes, endian: str, text: str, tmp_path: Path
) -> None:
    assert read_texts(commented(tmp_path / "a.jpg", body, endian)) == {"parameters": text}


def test_a_user_comment_outside_the_exif_directory_is_read(tmp_path: Path) -> None:
    """The format is that of lllyasviel/Fooocus, modules/meta_parser.py, `get_exif`."""
    exif = Image.Exif()
    exif[COMMENT], exif[MAKER_NOTE] = '{"prompt": "a fox"}', "fooocus"
    assert read_texts(saved(tmp_path / "a.jpg", exif)) == {"parameters": '{"prompt": "a fox"}'}


def test_json_in_the_camera_model_tag_is_read(tmp_path: Path) -> None:
    """The format is that of mcmonkeyprojects/SwarmUI, src/Utils/Image.cs, `GetMetadata`."""
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = '{"sui_image_params": {}}'
    assert read_texts(saved(tmp_path / "a.jpg", exif)) == {"parameters": '{"sui_image_params": {}}'}


def test_xmp_in_a_jpeg_is_read_under_the_same_key_as_in_a_png(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", xmp="<x:xmpmeta>狐</x:xmpmeta>".encode())
    assert read_texts(tmp_path / "a.jpg") == {"XML:com.adobe.xmp": "<x:xmpmeta>狐</x:xmpmeta>"}

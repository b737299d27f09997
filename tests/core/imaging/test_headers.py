"""The size in the header of an image file equals the size of the decoded image."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import ExifTags, Image, PngImagePlugin

from core.imaging.errors import ImageUnreadable
from core.imaging.files import read_image
from core.imaging.headers import image_size


@pytest.mark.parametrize("orientation", [None, 1, 3, 6, 8])
@pytest.mark.parametrize("suffix", ["jpg", "webp", "tiff", "bmp", "gif"])
def test_the_returned_size_is_the_size_of_the_upright_image(
    tmp_path: Path, suffix: str, orientation: int | None
) -> None:
    path, exif = tmp_path / f"a.{suffix}", Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    Image.new("RGB", (12, 8)).save(path, **({"exif": exif} if suffix in ("jpg", "webp", "tiff") else {}))
    assert image_size(path) == read_image(path).size


def test_the_size_of_a_png_is_read_without_pillow(tmp_path: Path) -> None:
    Image.new("RGB", (12, 8)).save(tmp_path / "a.png")
    assert image_size(tmp_path / "a.png") == (12, 8)
    code = (
        "import sys; from pathlib import Path; from core.imaging.headers import image_size;"
        "print(image_size(Path(sys.argv[1])), 'PIL' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.png")], capture_output=True, text=True, check=True
    )
    assert done.stdout == "(12, 8) False\n"


@pytest.mark.parametrize("how", ["Exif", "XMP", "raw profile"])
def test_the_size_of_a_png_with_an_exif_orientation_is_not_read_from_the_header_alone(tmp_path: Path, how: str) -> None:
    info, exif = PngImagePlugin.PngInfo(), Image.Exif()
    if how == "Exif":
        exif[ExifTags.Base.Orientation] = 6
    elif how == "XMP":
        info.add_itxt("XML:com.adobe.xmp", '<x tiff:Orientation="6"/>')
    else:
        info.add_text("Raw profile type exif", "\nexif\n 4\n00000000")
    Image.new("RGB", (12, 8)).save(tmp_path / "a.png", pnginfo=info, exif=exif)
    assert image_size(tmp_path / "a.png") is None


@pytest.mark.parametrize("data", [b"", b"text", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"])
def test_a_file_that_is_not_an_image_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ImageUnreadable):
        image_size(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["nosuch.png", ""])
def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageUnreadable):
        image_size(tmp_path / name)

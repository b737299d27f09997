"""Reading and writing image files: every format, every kind of invalid input, and atomic writes."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.imaging import files
from core.imaging.atomic import write_atomically
from core.imaging.errors import (
    ImageExists,
    ImageNotWritten,
    ImageTooLarge,
    ImageUnreadable,
    ImagingError,
    UnknownImageFormat,
)

Maker = Callable[..., Image.Image]


def encoded(image: Image.Image, name: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, name, **options)
    return stream.getvalue()


def png_header(width: int, height: int) -> bytes:
    """Return a PNG whose header declares a large image, but which has no pixel data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["png", "tiff"])
def test_lossless_formats_preserve_every_mode(any_image: Image.Image, name: str) -> None:
    back = files.read_image(files.encode_file(any_image, name))
    assert (back.mode, back.tobytes()) == (any_image.mode, any_image.tobytes())


@pytest.mark.parametrize("name", ["jpeg", "webp", "bmp"])
def test_other_formats_accept_every_mode(any_image: Image.Image, name: str) -> None:
    assert files.read_image(files.encode_file(any_image, name, quality=95)).size == any_image.size


def test_webp_at_quality_100_is_lossless(make_image: Maker) -> None:
    image = make_image("RGBA")
    image.putalpha(255)
    assert files.read_image(files.encode_file(image, "webp", quality=100)).convert("RGBA").tobytes() == image.tobytes()


def test_jpeg_flattens_transparency_onto_white() -> None:
    back = files.read_image(files.encode_file(Image.new("RGBA", (8, 8)), "jpeg"))
    assert np.asarray(back).min() >= 254


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = Image.new("RGB", (16, 8))
    upright.paste("red", (0, 0, 8, 8))
    turn = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}.get(
        orientation
    )  # for each orientation, the transposition that undoes it
    stored = upright if turn is None else upright.transpose(Image.Transpose(turn))
    exif = Image.Exif()
    exif[0x0112] = orientation
    read = files.read_image(encoded(stored, "PNG", exif=exif))
    assert read.tobytes() == upright.tobytes()


def test_palette_and_cmyk_images_are_converted_to_rgb() -> None:
    palette = Image.new("P", (4, 4), 3)
    palette.putpalette([0, 0, 0] * 3 + [9, 8, 7])
    assert files.read_image(encoded(palette, "PNG")).getpixel((0, 0)) == (9, 8, 7)
    ink = Image.new("CMYK", (4, 4), (0, 255, 255, 0))
    assert files.read_image(encoded(ink, "TIFF")).getpixel((0, 0)) == (255, 0, 0)
    assert files.read_image(encoded(ink, "JPEG")).mode == "RGB"


def test_the_first_frame_of_a_gif_is_read() -> None:
    frames = [Image.new("P", (4, 4), number) for number in (0, 1)]
    for frame in frames:
        frame.putpalette([10, 20, 30, 40, 50, 60])
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert files.read_image(data).convert("RGB").getpixel((0, 0)) == (10, 20, 30)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"a text that is called .png", "its format is not one of PNG, JPEG, WEBP, TIFF, BMP, GIF"),
        (encoded(Image.effect_noise((64, 64), 90), "PNG")[:900], "the file is truncated"),
        (encoded(Image.effect_noise((64, 64), 90), "JPEG")[:900], "the file is truncated"),
        (b"%PDF-1.4", "its format is not one of PNG, JPEG, WEBP, TIFF, BMP, GIF"),
        (encoded(Image.new("L", (4, 4)), "PPM"), "its format is not one of PNG, JPEG, WEBP, TIFF, BMP, GIF"),
        (png_header(20, 20), "the file is truncated"),
    ],
)
def test_bytes_that_are_not_an_image_are_refused(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "fox.png"
    path.write_bytes(data)
    for source in (data, path):
        with pytest.raises(ImageUnreadable) as refused:
            files.read_image(source, name="fox.png")
        assert str(refused.value) == f"`fox.png` cannot be read as an image: {reason}"


@given(st.integers(0, 2**32), st.sampled_from(["PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP"]))
def test_a_damaged_file_is_read_or_refused_without_a_crash(seed: int, name: str) -> None:
    numbers = np.random.default_rng(seed)
    data = bytearray(encoded(Image.effect_noise((16, 16), 90).convert("RGB"), name))
    for place in numbers.integers(0, len(data), 4):
        data[place] = numbers.integers(0, 256)
    with contextlib.suppress(ImagingError):
        files.read_image(bytes(data[: numbers.integers(1, len(data) + 1)]), max_pixels=10**6)


def test_an_image_of_a_hundred_megapixels_is_refused_before_decoding() -> None:
    with pytest.raises(ImageTooLarge) as refused:
        files.read_image(png_header(10_000, 10_000), name="bomb.png")
    assert str(refused.value) == "`bomb.png` has 100.0 megapixels; the limit is 64.0"
    with pytest.raises(ImageTooLarge):
        files.read_image(png_header(2**31 - 1, 2**31 - 1))


def test_an_endless_device_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 2**20)
    with pytest.raises(ImageUnreadable, match="it is not a regular file"):
        files.read_image(Path("/dev/zero"))


@pytest.mark.parametrize(("name", "size"), [("webp", (20_000, 1)), ("jpeg", (70_000, 1))])
def test_an_image_too_large_for_its_format_is_refused(name: str, size: tuple[int, int]) -> None:
    with pytest.raises(ImageNotWritten) as refused:
        files.encode_file(Image.new("RGB", size), name)
    assert str(refused.value) == f"`a {name} file` cannot be written: {size[0]}x1 is too large for this format"


def test_text_chunks_longer_than_pillow_can_read_are_omitted() -> None:
    texts = {"graph": "x" * (2**20 + 1), "parameters": "ä" * 100_000}
    for name in ("png", "jpeg", "webp"):
        assert files.read_image(files.encode_file(Image.new("RGB", (4, 4)), name, metadata=texts)).size == (4, 4)


def test_an_image_with_exactly_the_maximum_number_of_pixels_is_read() -> None:
    data = encoded(Image.new("L", (10, 10)), "PNG")
    assert files.read_image(data, max_pixels=100).size == (10, 10)
    with pytest.raises(ImageTooLarge):
        files.read_image(data, max_pixels=99)


@pytest.mark.parametrize("path", ["missing.png", ".", "file/below.png"])
def test_a_missing_file_is_refused(path: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(ImageUnreadable, match="cannot be read"):
        files.read_image(tmp_path / path)


@pytest.mark.parametrize(
    ("name", "format_name"), [("a.PNG", "png"), ("a.jpg", "jpeg"), ("a.tif", "tiff"), ("a.b.webp", "webp")]
)
def test_the_suffix_determines_the_format(name: str, format_name: str) -> None:
    assert files.format_of(Path(name)) == format_name


@pytest.mark.parametrize("name", ["a.gif", "a", "a.png.txt"])
def test_unknown_suffixes_are_refused(name: str) -> None:
    with pytest.raises(UnknownImageFormat) as refused:
        files.format_of(Path(name))
    assert refused.value.hint == "formats: png, jpeg, webp, tiff, bmp"


def test_an_image_is_written_with_its_text_chunks(tmp_path: Path, make_image: Maker) -> None:
    files.write_image(make_image("RGB"), tmp_path / "a.png", metadata={"key": "väl 狐", "long": "x" * 5000})
    with Image.open(tmp_path / "a.png") as image:
        assert image.text == {"key": "väl 狐", "long": "x" * 5000}  # type: ignore[attr-defined]
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_an_existing_file_is_kept_unless_overwriting_is_requested(tmp_path: Path) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"mine")
    with pytest.raises(ImageExists, match="already exists"):
        files.write_image(Image.new("L", (2, 2)), target, overwrite=False)
    assert target.read_bytes() == b"mine"
    files.write_image(Image.new("L", (2, 2)), target)
    assert files.read_image(target).size == (2, 2)


def test_an_existing_file_is_kept_on_a_file_system_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    target = tmp_path / "a"
    write_atomically(target, lambda file: file.write(b"one"), overwrite=False)
    with pytest.raises(ImageExists):
        write_atomically(target, lambda file: file.write(b"two"), overwrite=False)
    assert target.read_bytes() == b"one"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_full_disk_leaves_the_old_file_and_no_partial_file(tmp_path: Path, overwrite: bool) -> None:
    target = tmp_path / "a.png"
    target.write_bytes(b"old")

    def fill(file: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(ImageNotWritten) as failed:
        write_atomically(target, fill, overwrite=overwrite)
    assert str(failed.value) == f"`{target}` cannot be written: no space left on device"
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.png", b"old")]


def test_an_interrupted_write_leaves_no_partial_file(tmp_path: Path) -> None:
    def interrupt(file: object) -> None:
        file.write(b"half")  # type: ignore[attr-defined]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", interrupt)
    assert list(tmp_path.iterdir()) == []


def test_writing_to_a_path_that_uses_a_file_as_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(ImageNotWritten, match="not a directory"):
        write_atomically(tmp_path / "file" / "a.png", lambda file: file.write(b"x"))

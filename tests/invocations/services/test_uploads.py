"""Images that clients send are decoded within limits and stored as PNG files that this program has encoded."""

from __future__ import annotations

import threading
import time
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from invocations.services.content_folder import ContentFolder
from invocations.services.errors import ServiceError
from invocations.services.images import uploads as module
from invocations.services.images.store import content_name
from invocations.services.images.uploads import Uploads, limited_texts, shown_name
from invocations.values import ImageRef, MaskRef
from tests.invocations.services.conftest import noisy
from tests.invocations.services.served import file_bytes


@pytest.fixture
def uploads(tmp_path):
    return Uploads(ContentFolder(tmp_path / "uploads", ".png", 10**7), 10_000)


def stored(uploads, ref):
    path = uploads.path(ref.name)
    with Image.open(path) as image:
        image.load()
        return image


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "TIFF", "BMP"])
def test_the_pixels_of_a_file_are_kept_in_a_png(uploads, format_name):
    image = noisy("RGB", 20, 10)
    received = uploads.receive(file_bytes(image, format_name, **({"lossless": True} if format_name == "WEBP" else {})))
    assert received.ref == ImageRef(content_name(image), 20, 10)
    back = stored(uploads, received.ref)
    assert (back.format, back.mode, back.tobytes()) == ("PNG", "RGB", image.tobytes())


def test_a_jpeg_is_turned_upright_by_its_exif_and_loses_its_exif(uploads):
    exif = Image.Exif()
    exif[0x0112], exif[0x8825] = 6, {1: "N"}
    received = uploads.receive(file_bytes(noisy("RGB", 20, 10), "JPEG", exif=exif))
    assert (received.ref.width, received.ref.height) == (10, 20)
    back = stored(uploads, received.ref)
    assert (back.size, dict(back.getexif())) == ((10, 20), {})


@pytest.mark.parametrize(("mode", "kept"), [("CMYK", "RGB"), ("1", "L"), ("P", "RGB"), ("I;16", "I;16"), ("LA", "LA")])
def test_every_mode_becomes_one_that_nodes_use(uploads, mode, kept):
    image = noisy("I;16" if mode == "I;16" else "RGB", 20, 10)
    image = image if mode == "I;16" else image.convert("L").convert(mode) if mode == "LA" else image.convert(mode)
    received = uploads.receive(file_bytes(image, "TIFF" if mode == "CMYK" else "PNG"))
    back = stored(uploads, received.ref)
    assert (back.mode if back.mode != "I" else "I;16") == kept


def test_an_animation_is_received_as_its_first_frame(uploads):
    frames = [noisy("RGB", 20, 10, seed) for seed in range(3)]
    for format_name in ("WEBP", "PNG", "TIFF"):
        how = {"lossless": True} if format_name == "WEBP" else {}
        data = file_bytes(frames[0], format_name, save_all=True, append_images=frames[1:], **how)
        received = uploads.receive(data)
        assert stored(uploads, received.ref).convert("RGB").tobytes() == frames[0].tobytes()


def test_a_mask_keeps_only_its_luminance(uploads):
    image = Image.new("RGBA", (20, 10), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (0, 0, 5, 10))
    received = uploads.receive(file_bytes(image), as_mask=True)
    assert isinstance(received.ref, MaskRef)
    back = stored(uploads, received.ref)
    assert (back.mode, back.getpixel((2, 2)), back.getpixel((15, 5))) == ("L", 255, 0)


def test_the_text_chunks_of_a_file_are_kept_for_the_line_that_made_it(uploads):
    info = PngImagePlugin.PngInfo()
    info.add_text("invokeai:line", "t2i a fox")
    info.add_text("parameters", "a fox\nSteps: 2", zip=True)
    received = uploads.receive(file_bytes(noisy(), pnginfo=info))
    assert received.texts == {"invokeai:line": "t2i a fox", "parameters": "a fox\nSteps: 2"}
    assert stored(uploads, received.ref).text == received.texts


def test_text_chunks_are_limited():
    assert limited_texts({str(number): "x" for number in range(100)}) == {str(number): "x" for number in range(64)}
    assert limited_texts({"a": "x" * (2**21 + 1), "b": "y"}) == {"b": "y"}
    assert limited_texts({"": "x", "\n": "x", "é": "x", "k" * 80: "x", "ok": "x"}) == {"ok": "x"}


def test_the_same_image_is_stored_once(uploads):
    data = file_bytes(noisy())
    first = uploads.receive(data)
    path = uploads.path(first.ref.name)
    before = path.stat().st_ino
    assert uploads.receive(file_bytes(noisy(), "BMP")).ref == first.ref
    assert path.stat().st_ino == before


@pytest.mark.parametrize(
    ("data", "code", "message"),
    [
        (b"", "image_unreadable", "`x.png` cannot be read as an image: it is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image_unreadable",
         "`x.png` cannot be read as an image: its format is not one of PNG, JPEG, WEBP, TIFF, BMP"),
        (b"\0" * (32 * 2**20 + 1), "upload_too_large", "`x.png` has more than 33.6 MB"),
        (file_bytes(Image.new("L", (101, 100))), "image_too_large",
         "`x.png` has 0.0 megapixels; the limit is 0.0"),
        (file_bytes(noisy(), "GIF"), "image_unreadable",
         "`x.png` cannot be read as an image: its format is not one of PNG, JPEG, WEBP, TIFF, BMP"),
        (file_bytes(noisy())[:-30], "image_unreadable", "`x.png` cannot be read as an image: the file is truncated"),
    ],
    ids=["empty", "svg", "large file", "many pixels", "gif", "truncated"],
)  # fmt: skip
def test_other_files_are_refused(uploads, data, code, message):
    with pytest.raises(ServiceError) as refused:
        uploads.receive(data, file_name="/home/me/x.png")
    assert (refused.value.code, refused.value.message) == (code, message)
    assert list(uploads.folder.files()) == []


def test_the_suffix_of_a_file_means_nothing(uploads):
    assert uploads.receive(file_bytes(noisy(), "BMP"), file_name="x.svg").ref.width == 12


@pytest.mark.parametrize(
    ("written", "shown"),
    [("", "the image"), ("C:\\a\\b.png", "b.png"), ("../../x", "x"), ("a\x1b`\nb", "a???b"), ("x" * 200, "x" * 80)],
)
def test_errors_name_only_the_last_part_of_the_name_of_a_file(written, shown):
    assert shown_name(written) == shown


def test_an_image_that_takes_too_long_is_refused_and_still_counts_until_it_ends(tmp_path, monkeypatch):
    slow = Uploads(ContentFolder(tmp_path / "uploads", ".png", 10**7), 10_000, seconds=0.05)
    go_on = threading.Event()
    received = slow._received
    monkeypatch.setattr(slow, "_received", lambda *how: (go_on.wait(30), received(*how))[1])
    for _ in range(module.AT_ONCE):
        with pytest.raises(ServiceError) as refused:
            slow.receive(file_bytes(noisy()), file_name="x.png")
        assert refused.value.code == "upload_too_slow"
        assert refused.value.message == "`x.png` took longer than 0.05 s to decode"
    with pytest.raises(ServiceError) as refused:
        slow.receive(file_bytes(noisy()))
    assert (refused.value.code, refused.value.message) == ("uploads_busy", "too many images are being received")
    go_on.set()
    monkeypatch.undo()
    slow._seconds = 30.0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if slow.receive(file_bytes(noisy())).ref.width == 12:
            return
    raise AssertionError("the places were not released")


def test_a_stored_file_that_the_sweep_has_removed_is_written_again(uploads):
    first = uploads.receive(file_bytes(noisy()))
    uploads.folder.remove(first.ref.name)
    assert uploads.receive(file_bytes(noisy())).ref == first.ref
    assert uploads.path(first.ref.name) is not None


def test_an_image_of_16_bits_keeps_its_depth(uploads):
    image = noisy("I;16", 20, 10)
    received = uploads.receive(file_bytes(image))
    assert np.array_equal(np.asarray(stored(uploads, received.ref)), np.asarray(image))
    assert BytesIO(uploads.path(received.ref.name).read_bytes()).read(8) == b"\x89PNG\r\n\x1a\n"

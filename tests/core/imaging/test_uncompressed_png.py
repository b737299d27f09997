"""Writing an uncompressed PNG file, or processing an image in bands of rows, changes no pixel."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from core.imaging import bands
from core.imaging.files import read_image, write_image
from core.imaging.uncompressed_png import write_uncompressed_png


def deep(image: Image.Image) -> Image.Image:
    """Return a 16-bit image with many different values."""
    return Image.frombytes("I;16", image.size, bytes(range(256)) * (image.width * image.height * 2 // 256))


@pytest.mark.parametrize("band", [7, 64, 10**6])
@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_an_uncompressed_png_file_has_the_same_pixels_as_the_image(
    mode: str, band: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bands, "BAND_PIXELS", band)
    noise = Image.merge("RGBA", [Image.effect_noise((32, 16), 50 + 20 * k) for k in range(4)])
    image = deep(noise) if mode == "I;16" else noise.convert(mode)
    stream = io.BytesIO()
    write_uncompressed_png(image, stream)
    back = read_image(stream.getvalue())
    assert (back.mode, back.size, back.tobytes()) == (mode, (32, 16), image.tobytes())
    Image.open(io.BytesIO(stream.getvalue())).verify()  # `verify` checks the checksum of every chunk


@pytest.mark.parametrize("band", [1, 31, 32, 33, 100, 512, 10**6])
def test_bands_cover_the_whole_image_in_order(band: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "BAND_PIXELS", band)
    image = Image.effect_noise((32, 16), 50)
    parts = list(bands.bands(image))
    assert b"".join(part.tobytes() for part in parts) == image.tobytes()
    assert {part.width for part in parts} == {32}


def test_a_png_is_encoded_directly_into_the_file_and_not_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.imaging.files.BytesIO", lambda: pytest.fail("encoded in memory"))
    image = Image.effect_noise((64, 64), 50)
    monkeypatch.setattr(Image.Image, "copy", lambda self: pytest.fail("copied"))
    write_image(image, tmp_path / "a.png", metadata={"parameters": "a fox"})
    monkeypatch.undo()
    with Image.open(tmp_path / "a.png") as back:
        assert (back.tobytes(), back.text) == (image.tobytes(), {"parameters": "a fox"})  # type: ignore[attr-defined]

"""Metadata hidden in the alpha channel, in the format of NovelAI/novelai-image-metadata, nai_meta_writer.py.

The uncompressed format follows ashen-sensored/sd_webui_stealth_pnginfo.
"""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.imaging.stealth import hidden_texts

NOVELAI = {"Description": "a fox", "Software": "NovelAI", "Comment": '{"prompt": "a fox 狐", "uc": "blur"}'}


def with_bits(image: Image.Image, data: bytes) -> Image.Image:
    """Return an image with the bits of `data` in its alpha channel, column by column."""
    bits = "".join(f"{byte:08b}" for byte in data)
    alpha = Image.new("L", image.size, 255)
    for i, bit in enumerate(bits):
        alpha.putpixel((i // image.height, i % image.height), 254 | int(bit))
    image = image.convert("RGB")
    image.putalpha(alpha)
    return image


def hidden(text: str, *, signature: bytes = b"stealth_pngcomp", length: int | None = None, rest: bytes = b"") -> bytes:
    data = gzip.compress(text.encode(), mtime=0) if signature.endswith(b"comp") else text.encode()
    bits = len(data) * 8 if length is None else length
    return signature + bits.to_bytes(4, "big") + data + rest


def read(data: bytes, folder: Path, suffix: str = "png", size: tuple[int, int] = (64, 48)) -> dict[str, str]:
    image = with_bits(Image.new("RGB", size, "red"), data)
    image.save(folder / f"a.{suffix}", lossless=True, exact=True)
    return hidden_texts(folder / f"a.{suffix}")


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_hidden_metadata_from_novelai_is_read_key_by_key(suffix: str, tmp_path: Path) -> None:
    assert read(hidden(json.dumps(NOVELAI), rest=b"\xff" * 4), tmp_path, suffix) == NOVELAI


def test_an_object_inside_hidden_json_metadata_is_returned_as_a_json_string(tmp_path: Path) -> None:
    texts = read(hidden(json.dumps({**NOVELAI, "Comment": {"prompt": "a"}})), tmp_path)
    assert json.loads(texts["Comment"]) == {"prompt": "a"}


@pytest.mark.parametrize("signature", [b"stealth_pngcomp", b"stealth_pnginfo"])
@pytest.mark.parametrize("text", ["a fox 狐\nSteps: 20", '{"sui_image_params": {}}'])
def test_any_other_hidden_text_is_returned_as_parameters(signature: bytes, text: str, tmp_path: Path) -> None:
    assert read(hidden(text, signature=signature), tmp_path) == {"parameters": text}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"stealth_pngcomp",
        hidden("a fox", signature=b"stealth_rgbcomp"),
        hidden("a fox", length=0),
        hidden("a fox", length=2**31),
        hidden("a fox", length=64),
        b"stealth_pngcomp" + (64).to_bytes(4, "big") + b"not gzip",
    ],
)
def test_damaged_or_missing_hidden_metadata_is_ignored(data: bytes, tmp_path: Path) -> None:
    assert read(data, tmp_path) == {}


@pytest.mark.parametrize("inner", ["[" * 70 + "]" * 70, "9" * 50])
def test_hidden_json_beyond_the_limits_is_returned_as_plain_parameters(inner: str, tmp_path: Path) -> None:
    text = f'{{"Comment": {inner}}}'
    assert read(hidden(text), tmp_path) == {"parameters": text}


def test_hidden_text_that_decompresses_beyond_the_limit_is_truncated(tmp_path: Path) -> None:
    (text,) = read(hidden("a" * 2**24), tmp_path, size=(400, 400)).values()
    assert len(text) == 4 * 2**20


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (152, 1)])
def test_an_image_too_small_for_hidden_text_contains_none(size: tuple[int, int], tmp_path: Path) -> None:
    assert read(b"", tmp_path, size=size) == {}


def test_a_file_that_is_not_an_image_with_an_alpha_channel_has_no_hidden_text(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_text("not an image")
    assert [hidden_texts(tmp_path / name) for name in ("a.png", "b.png", "none.png")] == [{}, {}, {}]


@given(st.binary(max_size=300))
def test_arbitrary_bits_never_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bits.png"
    buffer = io.BytesIO()
    with_bits(Image.new("RGB", (64, 40)), b"stealth_pngcomp" + data).save(buffer, "PNG")
    path.write_bytes(buffer.getvalue())
    hidden_texts(path)

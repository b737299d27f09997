"""All three kinds of PNG text chunks are read without decoding pixels; damaged or oversized chunks are skipped."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image

from core.imaging.chunks import MAX_TEXT_BYTES, SIGNATURE, read_chunks
from core.imaging.errors import ImageUnreadable
from core.imaging.metadata import read_texts


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))


def texts(*chunks: bytes, end: bytes = b"") -> dict[str, str]:
    found = read_chunks(io.BytesIO(SIGNATURE + chunk(b"IHDR", bytes(13)) + b"".join(chunks) + end))
    assert found is not None
    return found.texts


PACKED = zlib.compress("fox é".encode("latin-1"))


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (b"tEXt", b"key\0fox \xe9", "fox é"),
        (b"zTXt", b"key\0\0" + PACKED, "fox é"),
        (b"iTXt", b"key\0\0\0en\0Schluessel\0" + "fox 狐".encode(), "fox 狐"),
        (b"iTXt", b"key\0\1\0\0\0" + zlib.compress("fox 狐".encode()), "fox 狐"),
        (b"tEXt", b"key\0" + "fox 狐".encode(), "fox 狐"),
        (b"zTXt", b"key\0\0" + zlib.compress("fox 狐".encode()), "fox 狐"),
        (b"tEXt", b"key\0fox\0", "fox"),
        (b"iTXt", b"key\0\0\0\0\0fox\0\0", "fox"),
    ],
)
def test_all_three_kinds_of_text_chunks_are_read(kind: bytes, data: bytes, text: str) -> None:
    assert texts(chunk(kind, data)) == {"key": text}
    assert texts(chunk(b"IDAT", b"x" * 100), chunk(kind, data), chunk(b"IEND", b"")) == {"key": text}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"tEXt", b"no zero"),
        (b"tEXt", b"\0no key"),
        (b"tEXt", b"k" * 80 + b"\0too long a key"),
        (b"zTXt", b"key\0\1" + PACKED),
        (b"zTXt", b"key\0\0not packed"),
        (b"zTXt", b"key\0\0" + zlib.compress(b"a" * (MAX_TEXT_BYTES + 1))),
        (b"iTXt", b"key\0\7\0\0\0x"),
        (b"iTXt", b"key\0\1\0\0\0not packed"),
        (b"tEXt", b"key\0" + b"a" * MAX_TEXT_BYTES),
        (b"tIME", b"key\0value"),
    ],
)
def test_damaged_and_oversized_chunks_are_skipped(kind: bytes, data: bytes) -> None:
    assert texts(chunk(kind, data), chunk(b"tEXt", b"next\0fox")) == {"next": "fox"}


def test_a_truncated_file_yields_the_text_chunks_before_the_cut() -> None:
    assert texts(chunk(b"tEXt", b"key\0fox"), end=struct.pack(">I4s", 1000, b"tEXt") + b"more\0") == {"key": "fox"}
    assert texts(chunk(b"tEXt", b"key\0fox"), end=b"\0\0") == {"key": "fox"}


def test_nothing_is_read_after_the_end_chunk_or_beyond_the_total_limit() -> None:
    assert texts(chunk(b"IEND", b""), chunk(b"tEXt", b"key\0fox")) == {}
    large = [chunk(b"zTXt", b"key%d\0\0" % i + zlib.compress(b"a" * (MAX_TEXT_BYTES - 1))) for i in range(8)]
    assert sorted(texts(*large)) == ["key0", "key1", "key2", "key3"]


@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_crash_the_reader(data: bytes) -> None:
    read_chunks(io.BytesIO(data))
    read_chunks(io.BytesIO(SIGNATURE + data))


def test_text_chunks_of_a_huge_image_are_read_without_decoding_pixels(tmp_path: Path) -> None:
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    path = tmp_path / "huge.png"
    path.write_bytes(SIGNATURE + chunk(b"IHDR", header) + chunk(b"tEXt", b"parameters\0fox") + chunk(b"IEND", b""))
    assert read_texts(path) == {"parameters": "fox"}


@pytest.mark.parametrize(
    "comment",
    [
        b"UNICODE\0" + "fox 狐".encode("utf-16-be"),
        b"UNICODE\0" + "fox 狐".encode("utf-16-le"),
        b"ASCII\0\0\0" + "fox 狐".encode(),
        bytes(8) + "fox 狐".encode(),
    ],
)
@pytest.mark.parametrize("suffix", ["jpg", "webp", "png"])
def test_a_user_comment_is_read_in_any_encoding(comment: bytes, suffix: str, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "a tool"  # Pillow omits Exif from a PNG if the first directory of the Exif is empty
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment] = comment
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", (8, 8)).save(path, exif=exif)
    assert read_texts(path) == {"parameters": "fox 狐"}


def test_a_graph_in_a_comfyui_webp_is_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = 'prompt:{"1": {}}'
    exif[ExifTags.Base.Make] = "A maker of cameras"
    Image.new("RGB", (8, 8)).save(tmp_path / "a.webp", exif=exif)
    assert read_texts(tmp_path / "a.webp") == {"prompt": '{"1": {}}'}


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.png"):
        with pytest.raises(ImageUnreadable):
            read_texts(path)

"""The memory needed to read an image is bounded, even for the largest images and for decompression bombs."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

SIDE = 8000
DECODED_MIB = SIDE * SIDE * 4 // 2**20  # Pillow stores an RGB pixel in four bytes
SLACK_MIB = 48  # buffers, the compressed file and modules that are imported late
ROOT = Path(__file__).parents[3]
CHILD = """
import os, resource, sys
from pathlib import Path
from PIL import Image
from core.imaging.files import read_image
from core.imaging.metadata import read_texts
from core.imaging.stealth import hidden_texts

Image.init()
work = {
    "read": lambda path: read_image(path).size,
    "texts": lambda path: sorted(read_texts(path)),
    "hidden": hidden_texts,
}[sys.argv[2]]
pages = int(Path("/proc/self/statm").read_text().split()[0])
limit = pages * os.sysconf("SC_PAGE_SIZE") + int(sys.argv[3]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
try:
    print(work(Path(sys.argv[1])))
except Exception as error:
    print(type(error).__name__)
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit is Linux's")


def result_of(path: Path, work: str, mib: int) -> str:
    """Run the given work in a process that may allocate only `mib` MiB more, and return its output."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    words = [sys.executable, "-c", CHILD, path.name, work, str(mib)]
    done = subprocess.run(words, cwd=path.parent, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize(("mode", "name"), [("RGB", "a.png"), ("RGBA", "a.png"), ("I;16", "a.png"), ("RGB", "a.jpg")])
def test_the_largest_image_is_decoded_once_and_not_copied(tmp_path: Path, mode: str, name: str) -> None:
    Image.new(mode, (SIDE, SIDE)).save(tmp_path / name, **({"compress_level": 1} if "png" in name else {}))
    assert result_of(tmp_path / name, "read", DECODED_MIB + SLACK_MIB) == f"({SIDE}, {SIDE})"


def test_a_palette_image_needs_memory_for_its_indices_and_the_decoded_pixels(tmp_path: Path) -> None:
    Image.new("P", (SIDE, SIDE)).save(tmp_path / "a.gif")
    assert result_of(tmp_path / "a.gif", "read", DECODED_MIB * 5 // 4 + SLACK_MIB) == f"({SIDE}, {SIDE})"


def test_looking_for_hidden_metadata_copies_only_the_alpha_channel(tmp_path: Path) -> None:
    Image.new("RGBA", (SIDE, SIDE)).save(tmp_path / "a.png", compress_level=1)
    assert result_of(tmp_path / "a.png", "hidden", DECODED_MIB * 5 // 4 + SLACK_MIB) == "{}"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *chunks, chunk(b"IEND", b"")])


@pytest.fixture(scope="module")
def zeros() -> bytes:
    """Return 1 GiB of zeros, compressed."""
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(bytes(2**24)) for _ in range(64)), packer.flush()])


@pytest.mark.parametrize(
    ("bomb", "read"),
    [("size", "ImageTooLarge"), ("pixels", "(8, 8)"), ("text", "ImageUnreadable")],
)
def test_a_decompression_bomb_is_not_decompressed(tmp_path: Path, zeros: bytes, bomb: str, read: str) -> None:
    pixels = zlib.compress(bytes(1 + 3 * 8))
    path = tmp_path / "bomb.png"
    path.write_bytes(
        {
            "size": png(100_000, 100_000, chunk(b"IDAT", zeros)),
            "pixels": png(8, 8, chunk(b"IDAT", zeros)),
            "text": png(8, 1, chunk(b"zTXt", b"parameters\0\0" + zeros), chunk(b"IDAT", pixels)),
        }[bomb]
    )
    assert result_of(path, "read", SLACK_MIB) == read
    assert result_of(path, "texts", SLACK_MIB) == "[]"
    assert result_of(path, "hidden", SLACK_MIB) == "{}"

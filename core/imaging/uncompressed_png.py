"""Write PNG files without compression, which is many times faster, for images that only the program itself reads.

PNG (Third Edition), W3C: chunks in 5.3, filter type 0 in 9.2; the zlib stream has stored blocks (RFC 1951, 3.2.4).
"""

from __future__ import annotations

import struct
import zlib
from typing import BinaryIO

from PIL import Image

from .bands import bands

SIGNATURE = b"\x89PNG\r\n\x1a\n"
# For each mode, the bits per channel and PNG's color type.
KINDS = {"L": (8, 0), "LA": (8, 4), "RGB": (8, 2), "RGBA": (8, 6), "I;16": (16, 0)}


def write_uncompressed_png(image: Image.Image, file: BinaryIO) -> None:
    """Write an image, in any mode that `modes.py` lists, as a PNG file."""
    bits, color_type = KINDS[image.mode]
    raw_mode = "I;16B" if bits == 16 else image.mode  # PNG stores the most significant byte first
    stride = image.width * len(image.getbands()) * bits // 8
    file.write(SIGNATURE)
    _chunk(file, b"IHDR", struct.pack(">IIBBBBB", image.width, image.height, bits, color_type, 0, 0, 0))
    stored = zlib.compressobj(0)
    for band in bands(image):
        pixels = band.tobytes("raw", raw_mode)
        rows = b"\0".join(pixels[at : at + stride] for at in range(0, len(pixels), stride))
        _chunk(file, b"IDAT", stored.compress(b"\0" + rows))
    _chunk(file, b"IDAT", stored.flush())
    _chunk(file, b"IEND", b"")


def _chunk(file: BinaryIO, kind: bytes, data: bytes) -> None:
    file.write(struct.pack(">I", len(data)))
    file.write(kind)
    file.write(data)
    file.write(struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))

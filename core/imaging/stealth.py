"""Read metadata hidden in the lowest bits of an alpha channel by NovelAI and by the stealth PNG info of web UIs.

The bits of the pixels, column by column, are a signature, the number of bits that follow (32 bits, high byte first),
and a UTF-8 string, compressed with gzip after the signature `stealth_pngcomp`.
"""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from pathlib import Path

from PIL import Image

from core.errors import OutOfMemory
from core.foreign import MAX_TEXT_BYTES, ForeignData, json_data

from .exif import PARAMETERS
from .files import BROKEN, MAX_PIXELS, silent

PLAIN, COMPRESSED = b"stealth_pnginfo", b"stealth_pngcomp"
HEAD = (len(PLAIN) + 4) * 8  # number of bits in the signature and the length
LOSSLESS = ("PNG", "WEBP")
GZIP = 31  # the window size that makes zlib read a gzip stream
_LOWEST = bytes(48 + (byte & 1) for byte in range(256))  # maps each byte to its lowest bit, as `0` or `1`


def hidden_texts(path: Path) -> dict[str, str]:
    """Return the metadata in the alpha channel of an image by key, {} if there is none; all pixels are decoded.

    NovelAI hides a JSON object of strings by key; any other string is returned as `parameters`. Raises: OutOfMemory.
    """
    try:
        with silent(), suppress(*BROKEN), Image.open(path, formats=LOSSLESS) as image:
            if "A" in image.getbands() and image.width * image.height <= MAX_PIXELS:
                return _texts_of(_hidden(image.getchannel("A")))
    except MemoryError as error:
        raise OutOfMemory(None, "cpu") from error
    return {}


def _hidden(alpha: Image.Image) -> str:
    """Return the string hidden in a channel, or "" if there is none."""
    head = _bytes(_first(alpha, HEAD))
    signature, length = head[: len(PLAIN)], int.from_bytes(head[len(PLAIN) :], "big")
    room = alpha.width * alpha.height - HEAD
    if signature not in (PLAIN, COMPRESSED) or not 0 < length <= min(room, MAX_TEXT_BYTES * 8):
        return ""
    data = _bytes(_first(alpha, HEAD + length)[HEAD:])
    with suppress(zlib.error):
        text = zlib.decompressobj(GZIP).decompress(data, MAX_TEXT_BYTES) if signature == COMPRESSED else data
        return text.decode("utf-8", "replace")
    return ""


def _first(alpha: Image.Image, count: int) -> bytes:
    """Return the first `count` pixels, column by column."""
    columns = min(-(-count // alpha.height), alpha.width)
    return alpha.crop((0, 0, columns, alpha.height)).transpose(Image.Transpose.TRANSPOSE).tobytes()[:count]


def _bytes(pixels: bytes) -> bytes:
    """Return the lowest bits of pixels as bytes; bits beyond the last whole byte are left out."""
    count = len(pixels) // 8
    return int(pixels[: count * 8].translate(_LOWEST) or b"0", 2).to_bytes(count, "big")


def _texts_of(text: str) -> dict[str, str]:
    try:
        data = json_data(text)
    except ForeignData:
        data = {}
    if isinstance(data, dict) and "Comment" in data:
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in data.items()}
    return {PARAMETERS: text} if text else {}

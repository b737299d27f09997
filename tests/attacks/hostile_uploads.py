"""Send mutated image files to the server's uploads: each must be stored as a PNG or refused with an error of its own.

Run it with `python -m tests.attacks.hostile_uploads --count 1000`; it prints what was refused and why, the largest
memory and the longest time.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import struct
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from pathlib import Path

from PIL import Image, PngImagePlugin

from invocations.errors import InvocationError
from invocations.services.content_folder import ContentFolder
from invocations.services.images.uploads import Uploads

MAX_PIXELS = 4_000_000
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
HTML = b"<html><script>alert(1)</script></html>"
SCRIPT = b"#!/bin/sh\nrm -rf /\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int, data: bytes, *, depth: int = 8, color: int = 2, more: bytes = b"") -> bytes:
    """Return a PNG file with any header and any compressed data."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def _saved(image: Image.Image, format_name: str, **how: object) -> bytes:
    stream = BytesIO()
    image.save(stream, format_name, **how)
    return stream.getvalue()


@cache
def sound_files() -> list[bytes]:
    """Return files of every kind that is received."""
    color = Image.frombytes("RGB", (64, 48), random.Random(0).randbytes(64 * 48 * 3))
    turned = Image.Exif()
    turned[0x0112] = 6
    info = PngImagePlugin.PngInfo()
    info.add_text("parameters", "a fox\nSteps: 2" * 300, zip=True)
    info.add_itxt("prompt", '{"1": {"class_type": "KSampler"}}')
    found = [
        _saved(color, "PNG", pnginfo=info), _saved(color.convert("P"), "PNG", transparency=3),
        _saved(Image.new("I;16", (40, 30), 700), "PNG"),
        _saved(color, "JPEG", exif=turned), _saved(color.convert("CMYK"), "JPEG"),
        _saved(color, "JPEG", progressive=True),
        _saved(color, "WEBP"), _saved(color.convert("RGBA"), "WEBP", lossless=True, exif=turned),
        _saved(color, "WEBP", save_all=True, append_images=[color.rotate(90)]),
        _saved(color, "PNG", save_all=True, append_images=[color.rotate(90)]),
        _saved(color, "BMP"), _saved(color.convert("1"), "BMP"),
    ]  # fmt: skip
    for how in ({}, {"compression": "tiff_lzw"}, {"compression": "tiff_adobe_deflate"}, {"compression": "jpeg"},
                {"compression": "packbits"}):  # fmt: skip
        found.append(_saved(color, "TIFF", **how))
    found += [_saved(color.convert(mode), "TIFF") for mode in ("CMYK", "L", "YCbCr", "RGBA", "F", "I")]
    found.append(_saved(color, "TIFF", save_all=True, append_images=[color] * 3))
    return found


@cache
def bombs() -> list[bytes]:
    """Return files that are small and claim or contain far too much."""
    zeros = zlib.compress(bytes(30_000_000), 9)
    text = b"parameters\0\0" + zeros
    tiff = bytearray(_saved(Image.new("L", (8, 8)), "TIFF"))
    huge = tiff.replace(struct.pack("<HHIH", 256, 4, 1, 8), struct.pack("<HHIH", 256, 4, 1, 65535))
    bmp = bytearray(_saved(Image.new("L", (8, 8)), "BMP"))
    webp = bytearray(_saved(Image.new("RGB", (8, 8)), "WEBP", lossless=True))
    return [
        png_of(2**31 - 1, 2**31 - 1, zeros), png_of(60_000, 60_000, zeros), png_of(2000, 2000, zeros),
        png_of(100, 100, zeros), png_of(1, 400_000, zeros), png_of(400_000, 1, zeros), png_of(0, 0, b""),
        png_of(5, 5, b""), png_of(5, 5, zeros[:40], more=chunk(b"zTXt", text)),
        png_of(5, 5, zeros, depth=16, color=6),
        png_of(5, 5, zeros, more=chunk(b"iCCP", b"x\0\0" + zeros)), png_of(5, 5, zeros, depth=3, color=9),
        png_of(5, 5, zeros, more=chunk(b"tEXt", b"a\0b") * 20_000),
        png_of(5, 5, zeros, more=chunk(b"acTL", b"\xff" * 8)),
        bytes(huge), bytes(bmp[:18]) + struct.pack("<ii", 2**31 - 1, -(2**31)) + bytes(bmp[26:]),
        bytes(bmp[:18]) + struct.pack("<ii", 60_000, 60_000) + bytes(bmp[26:]),
        bytes(webp[:21]) + b"\xff\xff\xff\x0f" + bytes(webp[25:]),
        b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03\x01\x11\x00\x02\x11\x01\x03\x11\x01" + bytes(1000),
    ]  # fmt: skip


@cache
def polyglots() -> list[bytes]:
    """Return files that are several things at once, or something else."""
    sound = sound_files()
    return [
        SVG, HTML, SCRIPT, b"GIF89a" + bytes(20), _saved(Image.new("L", (9, 9)), "GIF"), b"%PDF-1.4\n",
        b"PK\3\4" + bytes(50),
        b"\0\0\0\x20ftypavif" + bytes(40), b"\0\0\0\x0cjXL \r\n\x87\n", b"8BPS\0\1" + bytes(40), b"%!PS-Adobe\n(x) run",
        *[one + HTML for one in sound[:6]], *[HTML + one for one in sound[:4]], *[SVG + one for one in sound[:2]],
        sound[0] + sound[3], b"BM" + SVG, b"II*\0" + bytes(30), b"MM\0*\xff\xff\xff\xff", b"RIFF\xff\xff\xff\xffWEBP",
    ]  # fmt: skip


def hostile_files(count: int, seed: int) -> Iterator[bytes]:
    """Yield bombs and polyglots, then mutants of sound files."""
    fixed = [*bombs(), *polyglots(), *sound_files()]
    yield from fixed[:count]
    sources, numbers = sound_files(), random.Random(seed)
    for _ in range(count - len(fixed)):
        yield mutant(numbers.choice(sources), numbers)


def mutant(data: bytes, numbers: random.Random) -> bytes:
    """Return a file with some bytes changed, removed, repeated or exchanged."""
    changed = bytearray(data)
    for _ in range(numbers.choice((1, 1, 2, 5, 30))):
        place = numbers.randrange(len(changed)) if numbers.random() < 0.5 else numbers.randrange(min(200, len(changed)))
        kind = numbers.randrange(6)
        if kind == 0:
            changed[place] = numbers.randrange(256)
        elif kind == 1:
            changed[place] ^= 1 << numbers.randrange(8)
        elif kind == 2:
            width = numbers.choice((2, 4))
            changed[place : place + width] = numbers.choice((b"\xff", b"\0", b"\x7f")) * width
        elif kind == 3:
            del changed[place : place + numbers.randrange(1, 40)]
        elif kind == 4:
            changed[place:place] = changed[place : place + numbers.randrange(1, 60)]
        else:
            del changed[place + 1 :]
        if not changed:
            return b""
    return bytes(changed)


def attack(count: int, seed: int, folder: Path) -> tuple[Counter[str], float]:
    """Send files and return how often each outcome occurred, and the longest time in seconds.

    Raises: whatever is no error of ours; AssertionError, if a file was written that is no PNG of ours.
    """
    uploads = Uploads(ContentFolder(folder / "uploads", ".png", 10**9), MAX_PIXELS)
    outcomes: Counter[str] = Counter()
    longest = 0.0
    for number, data in enumerate(hostile_files(count, seed)):
        start = time.perf_counter()
        try:
            ref = uploads.receive(data, as_mask=number % 5 == 0, file_name=f"../../{number}.svg").ref
        except InvocationError as error:
            outcome, text = error.code, f"{error.message} {error.hint}"
        else:
            outcome = text = "received"
            check_stored(uploads, ref.name, ref.width, ref.height)
        outcomes[outcome] += 1
        assert str(folder) not in text, text
        longest = max(longest, time.perf_counter() - start)
    outside = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".png"]
    assert outside == [], outside
    assert sorted(path.name for path in folder.iterdir()) in (["uploads"], [])
    return outcomes, longest


def check_stored(uploads: Uploads, name: str, width: int, height: int) -> None:
    """Check that a stored file is a sound PNG of the stated size, without anything behind it or inside it."""
    path = uploads.path(name)
    assert path is not None
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND\xaeB`\x82")
    assert b"<script" not in data
    with Image.open(BytesIO(data), formats=["PNG"]) as image:
        image.load()
        assert image.size == (width, height)


def main() -> int:
    """Run the attack and print its outcomes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    how = parser.parse_args()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        outcomes, longest = attack(how.count, how.seed, Path(os.path.realpath(folder)))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{how.count} files: " + ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common()))
    print(f"memory grew by {grown:.0f} MiB, the longest took {longest:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""An image file with a valid header but truncated pixels, so that only decoding the file fails."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

REASON = "cannot be read as an image: the file is truncated"


def damage(path: Path) -> Path:
    """Write a PNG of 64 x 64 noise and cut it in the middle of its pixels; return its path."""
    Image.effect_noise((64, 64), 90).save(path, "PNG")
    path.write_bytes(path.read_bytes()[:1000])
    return path

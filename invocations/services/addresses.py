"""Recognize addresses such as `s3://bucket/fox.png`, which are not file paths."""

from __future__ import annotations

from typing import Final

FILES_ONLY: Final = "only files can be written, not addresses"
COPY: Final = "save to a file, then copy the file to that address"


def is_address(text: str) -> bool:
    """Return True if a string begins with `scheme://`."""
    scheme, separator, _ = text.partition("://")
    known = len(scheme) > 1 and scheme[0].isascii() and scheme[0].isalpha()
    return bool(separator) and known and all(char.isalnum() or char in "+.-" for char in scheme)

"""Addresses such as `s3://bucket/fox.png`, which are not paths of files."""

from __future__ import annotations

from typing import Final

FILES_ONLY: Final = "it is an address, and only files can be written"
COPY: Final = "save to a file, then copy it there"


def is_address(text: str) -> bool:
    """Whether a string begins with `scheme://`."""
    scheme, separator, _ = text.partition("://")
    known = len(scheme) > 1 and scheme[0].isascii() and scheme[0].isalpha()
    return bool(separator) and known and all(char.isalnum() or char in "+.-" for char in scheme)

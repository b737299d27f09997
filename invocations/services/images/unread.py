"""References to image files that could not be read when they were listed; a node that uses one reads the file again.

Such a reference stands for one item of a list, so that the other items can be used although this one is broken.
"""

from __future__ import annotations

import hashlib
from typing import Any

from invocations.values import ImageRef


def unread_ref(path: str) -> ImageRef:
    """Return a reference to a file without its content. path: the absolute path of the file"""
    return ImageRef(_name(path), 0, 0, path)


def is_unread(value: Any) -> bool:
    """Return True if a value is a reference to a file that could not be read when it was listed."""
    return (
        isinstance(value, ImageRef) and not value.width and bool(value.path) and value.name == _name(value.path or "")
    )


def _name(path: str) -> str:
    return hashlib.sha256(f"unread\0{path}".encode("utf-8", "surrogateescape")).hexdigest()

"""The error for a file or folder that the operating system refuses to read."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from core.errors import ModelUnreadable

DENIED: Final = (errno.EACCES, errno.EPERM)


def unreadable(path: Path, error: OSError) -> ModelUnreadable:
    """Return the error for a path that cannot be read; it names the folder above it if that folder is the reason."""
    return closed_above(path) or ModelUnreadable(path, f"it cannot be read: {error.strerror}")


def closed_above(path: Path) -> ModelUnreadable | None:
    """Return the error for a path that cannot be looked up because a folder above it is closed, else None."""
    denied = _denied(path)
    if denied is None:
        return None
    folder = next((parent for parent in path.parents if _denied(parent) is None), path.parent)
    return ModelUnreadable(path, f"the folder {folder} cannot be read: {denied.strerror}")


def _denied(path: Path) -> OSError | None:
    """Return the error if looking up a path is forbidden, else None."""
    try:
        os.lstat(path)
    except OSError as error:
        return error if error.errno in DENIED else None
    except ValueError:  # the name contains a null byte
        return None
    return None

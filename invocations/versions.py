"""Find, from folder names, the versions of this program and of the libraries that affect its results."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

PROGRAM = "invokeai-cli"
MADE_BY = (PROGRAM, "torch", "diffusers", "transformers", "pillow", "numpy")
INFO = re.compile(r"(.+)-([^-]+)\.dist-info")


@cache
def versions() -> Mapping[str, str]:
    """Return the installed versions of these packages, in this order.

    `importlib.metadata` is only used if no folder name has the version of the program, because importing it takes four
    times as long as starting Python.
    """
    found: dict[str, str] = {}
    for folder in sys.path:
        with suppress(OSError):
            for name in os.listdir(folder or "."):
                match = INFO.fullmatch(name)
                if match:
                    found.setdefault(re.sub(r"[-_.]+", "-", match[1]).lower(), match[2])
    if PROGRAM not in found:
        from importlib.metadata import PackageNotFoundError, version

        with suppress(PackageNotFoundError):
            found[PROGRAM] = version(PROGRAM)
    return {name: found[name] for name in MADE_BY if name in found}

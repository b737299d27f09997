"""Standard input and output as streams of bytes, for `load -` and `save -`."""

from __future__ import annotations

import sys
from typing import BinaryIO

from invocations.services.errors import ServiceError, image_unreadable


def standard_input() -> BinaryIO:
    """Return the bytes of standard input. Raises: ServiceError, if the program was started with `<&-`."""
    if sys.stdin is None:
        raise image_unreadable("standard input", "it is closed")
    return sys.stdin.buffer


def standard_output() -> BinaryIO:
    """Return the bytes of standard output. Raises: ServiceError, if the program was started with `>&-`."""
    if sys.stdout is None:
        raise ServiceError("standard output is closed", code="output_closed")
    return sys.stdout.buffer

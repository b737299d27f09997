"""Checks of errors besides their class."""

from __future__ import annotations

from collections.abc import Callable

from invocations.errors import InvocationError


def coded(code: str) -> Callable[[InvocationError], bool]:
    """Return the check of whether an error has this code, for `pytest.raises(..., check=)`."""
    return lambda error: error.code == code

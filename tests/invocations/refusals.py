"""Check errors by their code."""

from __future__ import annotations

from collections.abc import Callable

from invocations.errors import InvocationError


def coded(code: str) -> Callable[[InvocationError], bool]:
    """Return a function that checks that an error has this code, for `pytest.raises(..., check=)`."""
    return lambda error: error.code == code

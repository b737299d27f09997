"""Find the function that predicts a size or checks an input, given the name that a node's metadata contains."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, cast

from .known import Known, Size


@cache
def predictor(name: str) -> Callable[[Known], Size]:
    """Return the function that a node's `output_size` names. Raises: ImportError, AttributeError."""
    return cast(Callable[[Known], Size], _function(name, "sizes"))


@cache
def computer(name: str) -> Callable[[Known], Any]:
    """Return the function that a node's `output_value` names. Raises: ImportError, AttributeError."""
    return cast(Callable[[Known], Any], _function(name, "values"))


@cache
def checker(name: str) -> Callable[[Known, str], None]:
    """Return the function that an input's `precheck` names. Raises: ImportError, AttributeError."""
    return cast(Callable[[Known, str], None], _function(name, "checks"))


def _function(name: str, module: str) -> Any:
    own, colon, function = name.partition(":")
    return getattr(import_module(own), function) if colon else getattr(import_module(f"{__package__}.{module}"), name)

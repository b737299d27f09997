"""Turn text into graphs and graphs into text, for every application; `Workspace` is the Python API."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .workspace import Workspace

__all__ = ["Workspace"]


def __getattr__(name: str) -> object:
    """Import `Workspace` lazily: most modules of this package do not need it."""
    if name == "Workspace":
        from .workspace import Workspace

        return Workspace
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

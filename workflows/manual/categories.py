"""The categories of commands in the order in which they are listed, and the commands that the main help shows."""

from __future__ import annotations

from typing import Final

CATEGORIES: Final = (
    "generate",
    "files",
    "geometry",
    "color",
    "filters",
    "composing",
    "masks",
    "enhance",
    "measuring",
    "numbers",
    "text",
    "lists",
    "flow",
)
FEATURED: Final = ("t2i", "i2i", "inpaint", "upscale", "load", "save", "show", "resize", "blur", "grid")


def category_order(category: str) -> int:
    """Return a sort key for a category; categories that are used only by plug-ins come last."""
    return CATEGORIES.index(category) if category in CATEGORIES else len(CATEGORIES)

"""The image sizes that a model can generate. Does not import torch."""

from __future__ import annotations

from core.errors import BadSize


def check_size(width: int, height: int, multiple: int) -> None:
    """Refuse a width or height in pixels that is not a positive multiple of `multiple`.

    Raises: BadSize.
    """
    if width < multiple or height < multiple or width % multiple or height % multiple:
        raise BadSize(width, height, multiple, (nearest(width, multiple), nearest(height, multiple)))


def nearest(pixels: int, multiple: int) -> int:
    """Return the multiple nearest to `pixels`, at least one."""
    return max(multiple, (pixels + multiple // 2) // multiple * multiple)

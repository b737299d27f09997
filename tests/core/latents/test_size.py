"""Image sizes that a model can generate."""

from __future__ import annotations

import pytest

from core.errors import BadSize
from core.latents.size import check_size, nearest


@pytest.mark.parametrize(
    ("width", "height", "suggested"),
    [(100, 64, (104, 64)), (64, 99, (64, 96)), (3, 64, (8, 64)), (0, 0, (8, 8)), (-5, 64, (8, 64))],
)
def test_a_size_that_needs_fractional_latents_is_refused_and_the_nearest_valid_size_is_suggested(
    width: int, height: int, suggested: tuple[int, int]
) -> None:
    with pytest.raises(BadSize) as caught:
        check_size(width, height, 8)
    assert caught.value.suggested == suggested
    assert str(caught.value) == f"{width}x{height} cannot be generated: width and height must be multiples of 8"
    assert caught.value.hint == f"try {suggested[0]}x{suggested[1]}"


def test_a_size_that_needs_only_whole_latents_is_accepted() -> None:
    check_size(64, 96, 8)
    assert nearest(64, 8) == 64

"""Upscaling images, and the limit on their size."""

from __future__ import annotations

import pytest
from PIL import Image

from invocations.errors import BadValue
from invocations.services.enhancement.local import LocalEnhancement
from invocations.services.errors import ServiceError
from invocations.services.images.local import LocalImages
from tests.invocations.refusals import coded


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_lanczos_enlarges_any_image(mode: str, images: LocalImages) -> None:
    large = LocalEnhancement(images).upscale(images.put(Image.new(mode, (6, 4))), 2.5, "lanczos")
    assert (large.width, large.height, images.get(large).mode) == (15, 10, mode)


def test_an_unknown_method_is_refused_with_a_suggestion(images: LocalImages) -> None:
    service = LocalEnhancement(images)
    with pytest.raises(ServiceError, check=coded("unknown_upscaler")) as refused:
        service.upscale(images.put(Image.new("L", (2, 2))), 2, "lanzcos")
    assert (str(refused.value), refused.value.hint) == (
        "there is no upscaler `lanzcos`",
        "did you mean `lanczos`?",
    )
    assert service.upscalers() == ("lanczos",)


def test_an_image_that_would_be_too_large_is_refused(images: LocalImages) -> None:
    with pytest.raises(BadValue, match="an image cannot be 40000x40000"):
        LocalEnhancement(images).upscale(images.put(Image.new("L", (5000, 5000))), 8, "lanczos")

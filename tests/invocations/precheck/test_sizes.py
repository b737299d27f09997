"""The image size predicted from a node's inputs equals the size of the image that the node produces."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from core.imaging import geometry
from invocations.precheck.find import predictor
from invocations.precheck.known import Unknown
from tests.invocations.precheck.known import LINKED, Given


@pytest.mark.parametrize(
    ("name", "inputs", "size"),
    [
        ("of_image", {"image": (30, 20)}, (30, 20)),
        ("of_mask", {"mask": (30, 20)}, (30, 20)),
        ("of_latents", {"latents": (64, 32)}, (64, 32)),
        ("of_noise", {"noise": (64, 32)}, (64, 32)),
        ("of_other", {"image": (30, 20), "other": (7, 5)}, (7, 5)),
        ("of_file", {"source": "fox.png", "fox.png": (64, 48)}, (64, 48)),
        ("started", {}, (64, 96)),
        ("started", {"width": 32}, (32, 96)),
        ("started", {"height": 32}, (64, 32)),
        ("started", {"width": 32, "height": 16}, (32, 16)),
        ("started", {"latents": (40, 48), "height": 32}, (40, 32)),
        ("fitted", {"image": (30, 20)}, (32, 24)),
        ("fitted", {"image": (30, 20), "width": 64}, (64, 40)),
        ("rotate", {"image": (30, 20), "degrees": 90, "expand": True}, (20, 30)),
        ("rotate", {"image": (30, 20), "degrees": -90, "expand": True}, (20, 30)),
        ("rotate", {"image": (30, 20), "degrees": 180, "expand": True}, (30, 20)),
        ("rotate", {"image": (30, 20), "degrees": 33, "expand": False}, (30, 20)),
    ],
)
def test_the_image_size_is_predicted_from_the_inputs(name: str, inputs: dict[str, Any], size: tuple[int, int]) -> None:
    assert predictor(name)(Given(inputs)) == size


IMAGE = Image.new("RGB", (31, 17))
SIDES = {"all": 3, "left": None, "top": 1, "right": 0, "bottom": None}


@pytest.mark.parametrize(
    ("name", "inputs", "made"),
    [
        ("scale", {"factor": 0.3}, geometry.scale(IMAGE, 0.3)),
        ("scale", {"factor": 0.01}, geometry.scale(IMAGE, 0.01)),
        ("upscale", {"scale": 1.7}, geometry.scale(IMAGE, 1.7)),
        ("resize", {"width": 40, "fit": "stretch"}, geometry.resize(IMAGE, 40, None)),
        ("resize", {"height": 40, "fit": "cover"}, geometry.resize(IMAGE, None, 40, fit="cover")),
        ("resize", {"width": 9, "height": 40, "fit": "stretch"}, geometry.resize(IMAGE, 9, 40)),
        ("resize", {"width": 9, "height": 40, "fit": "contain"}, geometry.resize(IMAGE, 9, 40, fit="contain")),
        ("resize", {"width": 9, "height": 40, "fit": "cover"}, geometry.resize(IMAGE, 9, 40, fit="cover")),
        ("crop", {"width": 9, "height": 4}, geometry.crop(IMAGE, None, None, 9, 4)),
        ("pad", SIDES, geometry.pad(IMAGE, left=3, top=1, right=0, bottom=3)[0]),
    ],
)
def test_the_predicted_size_is_the_size_that_the_core_produces(
    name: str, inputs: dict[str, Any], made: Image.Image
) -> None:
    assert predictor(name)(Given({"image": IMAGE.size, **inputs})) == made.size


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("of_image", {"image": LINKED}),
        ("scale", {"image": (8, 8), "factor": LINKED}),
        ("started", {"width": LINKED, "height": 8}),
        ("crop", {"width": LINKED, "height": 8}),
        ("rotate", {"image": (8, 8), "degrees": 33, "expand": True}),
    ],
)
def test_a_size_that_is_known_only_when_the_line_runs_is_not_predicted(name: str, inputs: dict[str, Any]) -> None:
    with pytest.raises(Unknown):
        predictor(name)(Given(inputs))

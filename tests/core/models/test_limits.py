"""Which features of a model have no effect, by family, variant and kind of UNet."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at
from core.models.limits import LIMITS, NO_NEGATIVE, Limit, limits_of
from invocations.catalog.snapshot import built_in

DISTILLED = "guidance is distilled in flux"
NOT_EDITING = {"image_guidance": "only instruction-based editing models use it"}
EDITING = {
    "strength": "models that edit images by instructions start from noise",
    "guidance_rescale": "models that edit images by instructions do not use it",
}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, NOT_EDITING),
        ({"family": "sdxl", "variant": "turbo"}, NOT_EDITING),
        ({"needs": ("mask",)}, NOT_EDITING),
        ({"needs": ("image",)}, EDITING),
        (
            {"variant": "lcm", "guidance_width": 256},
            {
                "negative": NO_NEGATIVE,
                "guidance_rescale": "only guidance with a negative prompt can be rescaled",
                **NOT_EDITING,
            },
        ),
        ({"family": "flux1", "variant": "dev"}, {**NOT_EDITING, "negative": DISTILLED}),
        ({"family": "flux1", "variant": "schnell"}, {**NOT_EDITING, "guidance": DISTILLED, "negative": DISTILLED}),
    ],
)
def test_the_features_that_a_model_ignores_or_refuses(changes: dict[str, Any], expected: dict[str, str]) -> None:
    card = replace(card_at(DEFAULT_PATH), **changes)
    assert limits_of(card) == expected
    refused = {} if "family" in changes else {"refiner": "only Stable Diffusion XL models can use one"}
    assert limits_of(card, refused=True) == refused


def test_a_refiner_is_refused_if_the_noise_schedule_cannot_be_divided() -> None:
    card = replace(card_at(DEFAULT_PATH), family="sdxl", variant="playground-2.5")
    assert limits_of(card, refused=True) == {"refiner": "its noise schedule cannot be divided"}


def test_a_limit_refuses_a_feature_only_of_the_models_for_which_it_holds() -> None:
    limit = Limit("mask", "no", families=("sd2",), refuses=True)
    card = card_at(DEFAULT_PATH)
    assert (limit.holds_for(card), limit.holds_for(replace(card, family="sd2"))) == (False, True)


def test_every_feature_with_a_limit_is_used_by_an_input() -> None:
    used = {field.feature for spec in built_in().values() for field in spec.inputs}
    assert {limit.feature for limit in LIMITS} <= used

"""Encoding images to latents, whole and in tiles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from PIL import Image

from core.errors import BadSetting, BadSize
from core.latents.encode import encode_images
from core.models.components import LoadedModel

ModelOf = Callable[..., LoadedModel]
Stripes = Callable[..., Image.Image]


def test_encoding_is_deterministic_without_a_seed_and_otherwise_depends_on_the_seed(
    model_of: ModelOf, stripes: Stripes
) -> None:
    model = model_of("sd1")
    mean = encode_images([stripes()], model)
    assert mean.shape == (1, 4, 6, 8)
    assert torch.equal(mean, encode_images([stripes()], model))
    drawn = encode_images([stripes(), stripes()], model, seeds=[1, 2])
    alone = encode_images([stripes()], model, seeds=[2])
    assert torch.allclose(drawn[1:], alone, atol=1e-5)  # a batch may be summed in a different order
    assert not torch.allclose(drawn[:1], drawn[1:], atol=1e-3)


def test_images_of_any_mode_are_encoded_as_rgb(model_of: ModelOf, stripes: Stripes) -> None:
    model = model_of("sd1")
    assert torch.equal(encode_images([stripes().convert("L")], model), encode_images([stripes()], model))


def test_images_of_unsuitable_sizes_are_refused(model_of: ModelOf, stripes: Stripes) -> None:
    model = model_of("sd1")
    with pytest.raises(BadSize, match="60x48 cannot be generated"):
        encode_images([stripes(60)], model)
    with pytest.raises(BadSetting, match="images must be of the same size, not of different sizes"):
        encode_images([stripes(), stripes(32)], model)
    with pytest.raises(BadSetting, match=r"seeds must be one per image \(2\), not 1"):
        encode_images([stripes(), stripes()], model, seeds=[1])
    with pytest.raises(BadSetting, match="images must be at least one, not empty"):
        encode_images([], model)


@pytest.mark.parametrize("recipe", ["sd1", "sd2-factor-4"])
def test_tiled_encoding_returns_nearly_the_same_latents(model_of: ModelOf, recipe: str, stripes: Stripes) -> None:
    model = model_of(recipe)
    whole, tiled = (encode_images([stripes(256, 128)], model, tiled=tiled, seeds=[1]) for tiled in (False, True))
    assert whole.shape == tiled.shape
    assert (whole - tiled).abs().mean() < 0.02 * whole.std()


def test_tiling_does_not_change_the_latents_of_an_image_that_fits_in_one_tile(
    model_of: ModelOf, stripes: Stripes
) -> None:
    model = model_of("sd1")
    whole, tiled = (encode_images([stripes()], model, tiled=tiled) for tiled in (False, True))
    assert torch.allclose(whole, tiled, atol=1e-5)

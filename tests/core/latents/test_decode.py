"""Decoding latents to images, whole and in tiles."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from core.devices import Device
from core.errors import OutOfMemory
from core.latents.decode import decode, needs_tiling
from core.latents.encode import encode_images
from core.latents.noise import make_noise
from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at
from core.models.components import LoadedModel

ModelOf = Callable[..., LoadedModel]
Stripes = Callable[..., Image.Image]


@pytest.mark.parametrize(("recipe", "factor"), [("sd1", 8), ("sd2-factor-4", 4)])
def test_each_latent_is_decoded_to_a_fixed_number_of_pixels(model_of: ModelOf, recipe: str, factor: int) -> None:
    images = decode(make_noise([1, 2], 4, 32, 64, factor), model_of(recipe))
    assert [image.size for image in images] == [(64, 32)] * 2
    assert all(image.mode == "RGB" for image in images)


def test_tiled_decoding_returns_nearly_the_same_image(model_of: ModelOf) -> None:
    model = model_of("sd1")
    latents = make_noise([1, 2], 4, 64, 256, 8)
    for whole, tiled in zip(decode(latents, model, tiled=False), decode(latents, model, tiled=True), strict=True):
        apart = np.abs(np.asarray(tiled).astype(int) - np.asarray(whole))
        # Group normalization covers all tiles, so a difference can only come from pixels beyond a tile's overlap.
        assert apart.mean() < 0.5
        assert apart.max() <= 12  # 9 is the measured maximum, for noise and random weights


def test_decoding_one_image_in_tiles_does_not_affect_the_next_image(model_of: ModelOf) -> None:
    model = model_of("sd1")
    latents = make_noise([1], 4, 64, 256, 8)
    before = np.asarray(decode(latents, model)[0])
    decode(latents, model, tiled=True)
    assert np.array_equal(np.asarray(decode(latents, model)[0]), before)


def test_a_decoder_that_runs_out_of_memory_succeeds_in_tiles(model_of: ModelOf) -> None:
    model = model_of("sd1")
    latents = make_noise([1], 4, 64, 256, 8)
    expected = np.asarray(decode(latents, model, tiled=True)[0])

    def small_memory(module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if given[0].shape[-1] > 200:
            torch.empty(2**50)  # the error raised by torch's CPU allocator

    hook = model.vae().decoder.conv_norm_out.register_forward_pre_hook(small_memory)
    for tiled in (None, False):
        with pytest.raises(OutOfMemory):
            decode(latents, model, tiled=tiled)
    assert np.array_equal(np.asarray(decode(latents, model, tiled=True)[0]), expected)
    hook.remove()


def test_a_decoder_with_fewer_channels_decodes_larger_images_without_tiles(model_of: ModelOf) -> None:
    small, wide = model_of("sd1").vae(), SimpleNamespace(config=SimpleNamespace(block_out_channels=(128, 256)))
    assert not needs_tiling(small, 2048 * 2048)
    assert not needs_tiling(wide, 1024 * 1024)
    assert needs_tiling(wide, 1024 * 1032)


def test_the_default_model_encodes_and_decodes_nearly_the_same_image_in_tiles(stripes: Stripes) -> None:
    model = LoadedModel(card_at(DEFAULT_PATH), Device("cpu"))
    image = stripes(128, 96, 24)
    image.paste((220, 60, 40), (20, 20, 60, 80))
    whole, tiled = (encode_images([image], model, tiled=tiled) for tiled in (False, True))
    assert (whole - tiled).abs().mean() < 0.01 * whole.std()
    assert (whole - tiled).abs().max() < 0.2 * whole.std()
    pixels = [np.asarray(decode(whole, model, tiled=tiled)[0]).astype(int) for tiled in (False, True)]
    apart = np.abs(pixels[0] - pixels[1])
    assert apart.mean() < 0.1  # on a scale of 0 to 255; 0.04 was measured
    assert apart.max() <= 4

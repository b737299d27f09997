"""Noise, pixels to latents and back, masks and previews."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from core.devices import Device
from core.errors import BadSetting, BadSize, OutOfMemory
from core.latents.decode import decode, needs_tiling
from core.latents.encode import encode_images
from core.latents.mask import mask_to_latents
from core.latents.noise import make_noise
from core.latents.preview import fit_colors, preview
from core.latents.size import check_size, nearest
from core.models.catalog import Catalog
from core.models.components import LoadedModel

ModelOf = Callable[..., LoadedModel]


def stripes(width: int = 64, height: int = 48, step: int = 8) -> Image.Image:
    """Return a picture of stripes."""
    row = (np.arange(width) // step % 2 * 200).astype(np.uint8)
    return Image.fromarray(np.repeat(np.tile(row, (height, 1))[..., None], 3, axis=-1))


def test_picture_k_of_a_batch_is_the_picture_of_its_seed() -> None:
    batch = make_noise([3, 5, 3], 4, 64, 96, 8)
    assert batch.shape == (3, 4, 8, 12)
    assert batch.dtype == torch.float32
    for place, seed in enumerate([3, 5, 3]):
        assert torch.equal(batch[place : place + 1], make_noise([seed], 4, 64, 96, 8))


def test_noise_is_what_torch_draws_on_the_cpu() -> None:
    expected = torch.randn((1, 4, 8, 8), generator=torch.Generator("cpu").manual_seed(9))
    assert torch.equal(make_noise([9], 4, 64, 64, 8), expected)


def test_draws_before_are_passed_over() -> None:
    generator = torch.Generator("cpu").manual_seed(9)
    torch.randn((1, 4, 8, 8), generator=generator)
    expected = torch.randn((1, 4, 8, 8), generator=generator)
    assert torch.equal(make_noise([9], 4, 64, 64, 8, draws_before=1), expected)


@pytest.mark.parametrize("seed", [-1, 2**63])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(BadSetting, match=f"seed is {seed}, and must be 0 to {2**63 - 1}"):
        make_noise([seed], 4, 64, 64, 8)


def test_noise_for_no_picture_is_refused() -> None:
    with pytest.raises(BadSetting, match="seeds is empty"):
        make_noise([], 4, 64, 64, 8)


@pytest.mark.parametrize(
    ("width", "height", "suggested"),
    [(100, 64, (104, 64)), (64, 99, (64, 96)), (3, 64, (8, 64)), (0, 0, (8, 8)), (-5, 64, (8, 64))],
)
def test_a_size_of_broken_latents_is_refused_with_the_nearest(
    width: int, height: int, suggested: tuple[int, int]
) -> None:
    with pytest.raises(BadSize) as caught:
        check_size(width, height, 8)
    assert caught.value.suggested == suggested
    assert str(caught.value) == f"{width}x{height} cannot be made: width and height must be multiples of 8"
    assert caught.value.hint == f"try {suggested[0]}x{suggested[1]}"


def test_whole_sizes_pass() -> None:
    check_size(64, 96, 8)
    assert nearest(64, 8) == 64


def test_the_mean_is_the_same_each_time_and_a_draw_is_its_seeds(model_of: ModelOf) -> None:
    model = model_of("sd1")
    mean = encode_images([stripes()], model)
    assert mean.shape == (1, 4, 6, 8)
    assert torch.equal(mean, encode_images([stripes()], model))
    drawn = encode_images([stripes(), stripes()], model, seeds=[1, 2])
    alone = encode_images([stripes()], model, seeds=[2])
    assert torch.allclose(drawn[1:], alone, atol=1e-5)  # a batch may add up in another order
    assert not torch.allclose(drawn[:1], drawn[1:], atol=1e-3)


def test_pictures_of_any_mode_are_encoded_as_rgb(model_of: ModelOf) -> None:
    model = model_of("sd1")
    assert torch.equal(encode_images([stripes().convert("L")], model), encode_images([stripes()], model))


def test_pictures_that_do_not_fit_are_refused(model_of: ModelOf) -> None:
    model = model_of("sd1")
    with pytest.raises(BadSize, match="60x48 cannot be made"):
        encode_images([stripes(60)], model)
    with pytest.raises(BadSetting, match="images is of different sizes, and must be of one size"):
        encode_images([stripes(), stripes(32)], model)
    with pytest.raises(BadSetting, match="seeds is 1, and must be as many as pictures, 2"):
        encode_images([stripes(), stripes()], model, seeds=[1])
    with pytest.raises(BadSetting, match="images is empty"):
        encode_images([], model)


@pytest.mark.parametrize(("recipe", "factor"), [("sd1", 8), ("sd2-factor-4", 4)])
def test_latents_become_pictures_of_their_size(model_of: ModelOf, recipe: str, factor: int) -> None:
    pictures = decode(make_noise([1, 2], 4, 32, 64, factor), model_of(recipe))
    assert [picture.size for picture in pictures] == [(64, 32)] * 2
    assert all(picture.mode == "RGB" for picture in pictures)


def test_tiles_give_nearly_the_whole_picture(model_of: ModelOf) -> None:
    model = model_of("sd1")
    latents = make_noise([1, 2], 4, 64, 256, 8)
    for whole, tiled in zip(decode(latents, model, tiled=False), decode(latents, model, tiled=True), strict=True):
        apart = np.abs(np.asarray(tiled).astype(int) - np.asarray(whole))
        # The norms are exact; what a network sees past the shared edge of a tile is all that is missing.
        assert apart.mean() < 0.5
        assert apart.max() <= 12  # 9 were measured, for noise through random weights


def test_one_tiled_picture_does_not_make_the_next_tiled(model_of: ModelOf) -> None:
    model = model_of("sd1")
    latents = make_noise([1], 4, 64, 256, 8)
    before = np.asarray(decode(latents, model)[0])
    decode(latents, model, tiled=True)
    assert np.array_equal(np.asarray(decode(latents, model)[0]), before)


def test_a_decoder_that_runs_out_of_memory_on_the_whole_can_do_it_in_tiles(model_of: ModelOf) -> None:
    model = model_of("sd1")
    latents = make_noise([1], 4, 64, 256, 8)
    expected = np.asarray(decode(latents, model, tiled=True)[0])

    def small_memory(module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if given[0].shape[-1] > 200:
            torch.empty(2**50)  # the allocator's own refusal

    hook = model.vae().decoder.conv_norm_out.register_forward_pre_hook(small_memory)
    for tiled in (None, False):
        with pytest.raises(OutOfMemory):
            decode(latents, model, tiled=tiled)
    assert np.array_equal(np.asarray(decode(latents, model, tiled=True)[0]), expected)
    hook.remove()


def test_a_small_decoder_may_work_on_a_larger_picture_at_once(model_of: ModelOf) -> None:
    small, wide = model_of("sd1").vae(), SimpleNamespace(config=SimpleNamespace(block_out_channels=(128, 256)))
    assert not needs_tiling(small, 2048 * 2048)
    assert not needs_tiling(wide, 1024 * 1024)
    assert needs_tiling(wide, 1024 * 1032)


def test_the_default_model_gives_nearly_the_same_in_tiles() -> None:
    model = LoadedModel(Catalog().find("default"), Device("cpu"))
    picture = stripes(128, 96, 24)
    picture.paste((220, 60, 40), (20, 20, 60, 80))
    whole, tiled = (encode_images([picture], model, tiled=tiled) for tiled in (False, True))
    assert (whole - tiled).abs().mean() < 0.01 * whole.std()
    assert (whole - tiled).abs().max() < 0.2 * whole.std()
    pixels = [np.asarray(decode(whole, model, tiled=tiled)[0]).astype(int) for tiled in (False, True)]
    apart = np.abs(pixels[0] - pixels[1])
    assert apart.mean() < 0.1  # of 255: 0.04 were measured
    assert apart.max() <= 4


@pytest.mark.parametrize("recipe", ["sd1", "sd2-factor-4"])
def test_latents_in_tiles_are_nearly_those_of_the_whole_picture(model_of: ModelOf, recipe: str) -> None:
    model = model_of(recipe)
    whole, tiled = (encode_images([stripes(256, 128)], model, tiled=tiled, seeds=[1]) for tiled in (False, True))
    assert whole.shape == tiled.shape
    assert (whole - tiled).abs().mean() < 0.02 * whole.std()


def test_what_fits_in_one_tile_is_the_same(model_of: ModelOf) -> None:
    model = model_of("sd1")
    whole, tiled = (encode_images([stripes()], model, tiled=tiled) for tiled in (False, True))
    assert torch.allclose(whole, tiled, atol=1e-5)


def test_white_in_a_mask_is_where_latents_may_change() -> None:
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (0, 0, 32, 64))
    mask.paste(127, (32, 0, 64, 8))
    latents = mask_to_latents(mask, 8)
    assert latents.shape == (1, 1, 8, 8)
    assert latents[0, 0, 0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]


def test_a_soft_mask_keeps_the_grey_of_each_cell() -> None:
    mask = Image.new("L", (16, 8), 51)
    mask.paste(255, (0, 0, 4, 8))
    assert mask_to_latents(mask, 8, soft=True).flatten().tolist() == pytest.approx([0.6, 0.2])


def test_a_preview_has_a_pixel_for_each_cell_and_the_picture_in_it() -> None:
    model = LoadedModel(Catalog().find("default"), Device("cpu"))
    picture = Image.new("RGB", (96, 96), (220, 60, 40))
    picture.paste((40, 60, 220), (48, 0, 96, 96))
    shown = preview(encode_images([picture], model), fit_colors(model))[0]
    factor = model.card.vae_scale_factor
    assert shown.size == (96 // factor, 96 // factor)
    left, right = np.asarray(shown)[4, 3].astype(int), np.asarray(shown)[4, -4].astype(int)
    assert left[0] > right[0]
    assert left[2] < right[2]

"""Noise from seeds."""

from __future__ import annotations

import pytest
import torch

from core.errors import BadSetting
from core.latents.noise import make_noise


def test_each_image_in_a_batch_depends_only_on_its_seed() -> None:
    batch = make_noise([3, 5, 3], 4, 64, 96, 8)
    assert batch.shape == (3, 4, 8, 12)
    assert batch.dtype == torch.float32
    for place, seed in enumerate([3, 5, 3]):
        assert torch.equal(batch[place : place + 1], make_noise([seed], 4, 64, 96, 8))


def test_noise_equals_the_noise_that_torch_samples_on_the_cpu() -> None:
    expected = torch.randn((1, 4, 8, 8), generator=torch.Generator("cpu").manual_seed(9))
    assert torch.equal(make_noise([9], 4, 64, 64, 8), expected)


def test_noise_can_continue_after_earlier_draws_with_the_same_seed() -> None:
    generator = torch.Generator("cpu").manual_seed(9)
    torch.randn((1, 4, 8, 8), generator=generator)
    expected = torch.randn((1, 4, 8, 8), generator=generator)
    assert torch.equal(make_noise([9], 4, 64, 64, 8, draws_before=1), expected)


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_is_refused(seed: int) -> None:
    with pytest.raises(BadSetting, match=f"seed must be 0 to {2**64 - 1}, not {seed}"):
        make_noise([seed], 4, 64, 64, 8)


def test_noise_for_zero_images_is_refused() -> None:
    with pytest.raises(BadSetting, match="seeds must be one per image, not empty"):
        make_noise([], 4, 64, 64, 8)


def test_the_largest_seed_is_passed_to_torch_unchanged() -> None:
    largest = make_noise([2**64 - 1], 4, 64, 64, 8)
    expected = torch.randn((1, 4, 8, 8), generator=torch.Generator("cpu").manual_seed(2**64 - 1))
    assert torch.equal(largest, expected)

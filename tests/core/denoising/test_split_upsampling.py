"""Split convolutions after an enlargement have the results of the whole ones, except for rounding."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from diffusers.models.upsampling import Upsample2D
from torch import nn

from core.denoising.split_upsampling import SplitUpsampling, can_be_split, enlarged, split_weights


def upsampling(**settings: Any) -> Upsample2D:
    torch.manual_seed(0)
    return Upsample2D(6, use_conv=True, out_channels=5, **settings).eval().requires_grad_(False)


@pytest.mark.parametrize("size", [(1, 1), (3, 4), (8, 5)], ids=str)
def test_enlarged_features_equal_those_of_the_layer_except_for_rounding(size: tuple[int, int]) -> None:
    layer, features = upsampling(), torch.randn(2, 6, *size, generator=torch.Generator().manual_seed(1))
    expected = layer(features)
    made = enlarged(features, split_weights(layer.conv.weight), layer.conv.bias)
    assert made.shape == expected.shape == (2, 5, 2 * size[0], 2 * size[1])
    torch.testing.assert_close(made, expected, rtol=1e-5, atol=1e-5)


def test_a_layer_is_split_only_while_this_is_on_and_only_if_it_doubles_the_size() -> None:
    layer, features, is_on = upsampling(), torch.ones(1, 6, 3, 4), [False]
    whole = [layer(features), layer(features, (5, 8))]
    forward = SplitUpsampling(layer, is_on=lambda: is_on[0])
    assert torch.equal(forward(features), whole[0])
    assert forward._weights is None
    is_on[0] = True
    assert torch.equal(forward(features, (5, 8)), whole[1])
    assert forward._weights is None
    for made in (forward(features), forward(features, output_size=torch.Size((6, 8)))):
        torch.testing.assert_close(made, whole[0], rtol=1e-5, atol=1e-5)
    assert forward._weights is not None


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (upsampling(), True),
        (upsampling(bias=False), True),
        (upsampling(kernel_size=5, padding=2), False),
        (upsampling(interpolate=False), False),
        (upsampling(norm_type="ln_norm"), False),
        (upsampling(use_conv_transpose=True), False),
        (upsampling(name="Conv2d_0"), False),
        (nn.Conv2d(6, 5, 3, padding=1), False),
    ],
)
def test_only_plain_convolutions_after_an_enlargement_are_split(layer: nn.Module, expected: bool) -> None:
    assert can_be_split(layer) is expected

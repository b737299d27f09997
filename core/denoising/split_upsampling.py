"""Enlarge features twofold and convolve them with less than half of the multiplications.

After an enlargement to the nearest neighbor, a 3 x 3 convolution reads each value several times. Each of the four
outputs that belong to one input is therefore a 2 x 2 convolution of the features before their enlargement, whose
weights are sums of those of the 3 x 3 convolution.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import Conv2d, Module, functional

UPSAMPLING: Final = "Upsample2D"  # diffusers' class
TAPS: Final = (((1.0, 0.0, 0.0), (0.0, 1.0, 1.0)), ((1.0, 1.0, 0.0), (0.0, 0.0, 1.0)))
"""For the even and the odd outputs along an axis: which of the three weights apply to each of the two inputs."""


def can_be_split(layer: Module) -> bool:
    """Return True if a layer is an enlargement to the nearest neighbor that a plain 3 x 3 convolution follows."""
    if type(layer).__name__ != UPSAMPLING:
        return False
    conv = getattr(layer, "conv", None)
    if type(conv) is not Conv2d or not layer.interpolate or layer.norm is not None or layer.use_conv_transpose:
        return False
    shape = (conv.kernel_size, conv.stride, conv.padding, conv.dilation, conv.groups)
    return shape == ((3, 3), (1, 1), (1, 1), (1, 1), 1) and conv.padding_mode == "zeros"


class SplitUpsampling:
    """The `forward` of such a layer; it is only split while `is_on` returns True."""

    def __init__(self, layer: Module, is_on: Callable[[], bool]) -> None:
        self._layer = weakref.ref(layer)
        self._forward = type(layer).forward
        self._is_on = is_on
        self._weights: Tensor | None = None

    def __call__(self, features: Tensor, output_size: Any = None, *more: Any, **named: Any) -> Any:
        layer: Any = self._layer()
        doubled = [2 * side for side in features.shape[-2:]]
        if not self._is_on() or (output_size is not None and [*output_size] != doubled):
            return self._forward(layer, features, output_size, *more, **named)
        if self._weights is None:
            self._weights = split_weights(layer.conv.weight)
        return enlarged(features, self._weights, layer.conv.bias)


def split_weights(weight: Tensor) -> Tensor:
    """Return the weights (2, 2, o, c, 2, 2) of the convolutions that replace a 3 x 3 convolution (o, c, 3, 3)."""
    taps = torch.tensor(TAPS).to(weight)
    return torch.einsum("pai,qbj,ocij->pqocab", taps, taps, weight).contiguous()


def enlarged(features: Tensor, weights: Tensor, bias: Tensor | None) -> Tensor:
    """Return features (b, c, h, w) enlarged and convolved (b, o, 2 * h, 2 * w)."""
    images, _, height, width = features.shape
    padded = functional.pad(features, (1, 1, 1, 1))
    made = features.new_empty(images, weights.shape[2], height, 2, width, 2)
    for down in (0, 1):
        for right in (0, 1):
            window = padded[:, :, down : down + height + 1, right : right + width + 1]
            made[:, :, :, down, :, right] = functional.conv2d(window, weights[down, right], bias)
    return made.flatten(4).flatten(2, 3)

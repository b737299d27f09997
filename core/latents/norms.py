"""Apply group normalization to tiles, with the statistics of the whole image.

A tile's own mean and variance differ from the image's, which would shift the tone of each tile. So a pass over
all tiles measures the statistics of the first normalization layer (norm); the next pass uses these and measures the
statistics of the second norm, and so on. The result is exact, at the cost of one pass over the tiles per norm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from .tiles import Tile


@dataclass(frozen=True, slots=True)
class _Moments:
    """The mean and variance of each group (b, groups), computed over `count` values."""

    mean: Tensor
    variance: Tensor
    count: int


def with_shared_norms(
    work: Callable[[Tensor], Tensor], tiles: Sequence[Tile], whole: Tensor, cell_px: int
) -> Iterator[Tensor]:
    """Yield the result of `work` for each tile of `whole`, normalized as if the whole were processed at once."""
    known: list[_Moments] = []
    while True:
        found: list[_Moments] = []
        for tile in tiles:
            norms = _Norms(known, tile)
            try:
                with norms:
                    made = work(tile.of(whole, cell_px))
            except _Measured as measured:
                found.append(measured.moments)
            else:
                yield made
        if not found:
            return
        known.append(_together(found))


class _Measured(Exception):
    """Raised when a tile reaches the first group norm whose statistics are not known yet."""

    def __init__(self, moments: _Moments) -> None:
        self.moments = moments


class _Norms(TorchFunctionMode):
    """Applies the group norms whose statistics are known, in order, and measures the statistics of the next norm."""

    def __init__(self, known: Sequence[_Moments], tile: Tile) -> None:
        super().__init__()
        self.waiting = iter(known)
        self.tile = tile

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        if func is not functional.group_norm:
            return func(*args, **(kwargs or {}))
        return self.norm(*args, **(kwargs or {}))

    def norm(self, features: Tensor, groups: int, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
        """Normalize as in arXiv:1803.08494, equations 1 to 6, with the mean and variance of the whole image."""
        moments = next(self.waiting, None)
        if moments is None:
            raise _Measured(_moments(self.tile.own(features), groups))
        each = features.shape[1] // groups
        factor = (moments.variance + eps).rsqrt().repeat_interleave(each, 1) * weight
        shift = bias - moments.mean.repeat_interleave(each, 1) * factor
        return features * factor[..., None, None].to(features.dtype) + shift[..., None, None].to(features.dtype)


def _moments(features: Tensor, groups: int) -> _Moments:
    numbers = features.float().reshape(features.shape[0], groups, -1)
    return _Moments(numbers.mean(-1), numbers.var(-1, unbiased=False), numbers.shape[-1])


def _together(found: Sequence[_Moments]) -> _Moments:
    """Combine the means and variances of the parts into the mean and variance of the whole image."""
    count = sum(part.count for part in found)
    mean = torch.stack([part.mean * (part.count / count) for part in found]).sum(0)
    spread = [(part.variance + (part.mean - mean) ** 2) * (part.count / count) for part in found]
    return _Moments(mean, torch.stack(spread).sum(0), count)

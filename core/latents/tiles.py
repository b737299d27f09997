"""Cut an image into overlapping tiles and blend them back together; positions are in cells, one cell per latent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

OVERLAP = 16
"""Overlap of neighboring tiles, in latent pixels: about twice the radius of the networks' receptive field."""

MAX_SIDE_CELLS, MIN_SIDE_CELLS = 64, 16  # largest and smallest side of a tile, in latents


@dataclass(frozen=True, slots=True)
class TileSpan:
    """The range of a tile along an axis of `length` cells; `own` is the part that belongs to no other tile."""

    start: int
    stop: int
    own: slice
    length: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile: its rows and its columns."""

    rows: TileSpan
    columns: TileSpan

    def of(self, image: Tensor, cell_px: int) -> Tensor:
        """Cut this tile out of an image (b, c, h, w) with `cell_px` pixels per cell."""
        return image[..., _times(self.rows, cell_px), _times(self.columns, cell_px)]

    def own(self, features: Tensor) -> Tensor:
        """Cut the part that belongs to no other tile out of this tile's features, at any resolution."""
        high, wide = features.shape[-2:]
        return features[..., _scaled(self.rows, high), _scaled(self.columns, wide)]


def side_for(height: int, width: int) -> int:
    """Return the side of the tiles for an image of this size in cells: about half its longer side, at most 64."""
    return min(MAX_SIDE_CELLS, max(MIN_SIDE_CELLS, (max(height, width) + OVERLAP) // 2))


def cut(height: int, width: int, side: int, overlap: int = OVERLAP) -> list[Tile]:
    """Return tiles of at most `side` cells that cover an image; each overlaps the next by at least `overlap` cells."""
    overlap = min(overlap, side // 2)
    columns = _spans(width, side, overlap)
    return [Tile(row, column) for row in _spans(height, side, overlap) for column in columns]


def blend(made: Iterable[tuple[Tile, Tensor]], height: int, width: int, cell_px: int) -> Tensor:
    """Blend tiles (b, c, h, w) into one image of this size in cells; overlapping tiles are cross-faded linearly."""
    image = weights = torch.zeros(())
    for tile, pixels in made:
        if image.dim() == 0:
            image = pixels.new_zeros(*pixels.shape[:2], height * cell_px, width * cell_px, dtype=torch.float32)
            weights = torch.zeros_like(image[:1, :1])
        weight = _weights(tile.rows, cell_px)[:, None] * _weights(tile.columns, cell_px)[None]
        weight = weight.to(image.device)
        tile.of(image, cell_px).add_(pixels.float() * weight)
        tile.of(weights, cell_px).add_(weight)
    return image / weights


def _spans(length: int, side: int, overlap: int) -> list[TileSpan]:
    if length <= side:
        return [TileSpan(0, length, slice(0, length), length)]
    count = -(-(length - side) // (side - overlap)) + 1
    starts = [index * (length - side) // (count - 1) for index in range(count)]
    seams = [0, *((start + side + following) // 2 for start, following in pairwise(starts)), length]
    return [
        TileSpan(start, start + side, slice(begin - start, end - start), length)
        for start, (begin, end) in zip(starts, pairwise(seams), strict=True)
    ]


def _weights(span: TileSpan, cell_px: int) -> Tensor:
    """Return a tile's blending weights along one axis, which fall toward each edge that has a neighbor."""
    size = (span.stop - span.start) * cell_px
    weights = torch.ones(size)
    place = torch.arange(size) + 0.5
    if span.start > 0:
        weights = torch.minimum(weights, place / (2 * span.own.start * cell_px))
    if span.stop < span.length:
        past = (span.stop - span.start - span.own.stop) * cell_px
        weights = torch.minimum(weights, (size - place) / (2 * past))
    return weights


def _times(span: TileSpan, cell_px: int) -> slice:
    return slice(span.start * cell_px, span.stop * cell_px)


def _scaled(span: TileSpan, size: int) -> slice:
    cells = span.stop - span.start
    return slice(span.own.start * size // cells, span.own.stop * size // cells)

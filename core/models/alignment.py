"""The addresses of weights that are mapped from a file, on which the last bits of some results depend."""

from __future__ import annotations

from typing import Final

from torch import Tensor

ONE_ROW: Final = ("time_emb", "add_embedding", "text_projection")
"""Parts of the names of weights that are multiplied by one row per image or prompt: of timesteps and pooled prompts.

MKL sums the product with a single row in another order if the weights are not aligned. Copying them, 3 % of a UNet,
makes results independent of where they lie in a file.
"""
ALIGNMENT: Final = 64  # bytes; torch aligns what it allocates to as many


def aligned(name: str, tensor: Tensor) -> Tensor:
    """Return a weight at an address that suits MKL if that matters; a mapped one lies wherever it is in its file."""
    if tensor.data_ptr() % ALIGNMENT == 0 or not any(part in name for part in ONE_ROW):
        return tensor
    return tensor.clone()

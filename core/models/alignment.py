"""The addresses of weights that are mapped from a file, on which the last bits of some results depend."""

from __future__ import annotations

import re
from typing import Final

from torch import Tensor

ONE_ROW: Final = ("time_emb", "add_embedding", "text_projection")
"""Parts of the names of weights that are multiplied by one row per image or prompt: of timesteps and pooled prompts.

MKL sums the product with a single row in another order if the weights are not aligned. Copying them, 3 % of a UNet,
makes results independent of where they lie in a file.
"""
_ONE_ROW = re.compile("|".join(map(re.escape, ONE_ROW)))
ALIGNMENT: Final = 64  # bytes; torch aligns what it allocates to as many


def align(weights: dict[str, Tensor]) -> None:
    """Replace weights on whose address results depend by copies at an address that suits MKL."""
    for name in filter(_ONE_ROW.search, [*weights]):
        if weights[name].data_ptr() % ALIGNMENT:
            weights[name] = weights[name].clone()

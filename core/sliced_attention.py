"""Sliced attention: process query rows in chunks to bound memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

CHUNK_QUERIES = 1024
"""Query rows in a chunk: with the 16,384 keys of a 1024x1024 image, a chunk's scores take 64 MiB per head in fp32."""


class SlicedAttention(TorchFunctionMode):
    """Inside the block, compute attention over many queries in slices.

    Each query's row (arXiv:1706.03762, equation 1) is independent of the others, so results differ only by rounding.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        settings = kwargs or {}
        if func is functional.scaled_dot_product_attention and _can_be_sliced(settings):
            return _sliced(*args, **settings)
        return func(*args, **settings)


def _can_be_sliced(settings: dict[str, Any]) -> bool:
    """Return True if attention has no mask, so every query is treated alike."""
    return settings.get("attn_mask") is None and not settings.get("is_causal", False)


def _sliced(query: Tensor, key: Tensor, value: Tensor, **settings: Any) -> Tensor:
    rows = [
        functional.scaled_dot_product_attention(some, key, value, **settings)
        for some in torch.split(query, CHUNK_QUERIES, dim=-2)
    ]
    return rows[0] if len(rows) == 1 else torch.cat(rows, dim=-2)

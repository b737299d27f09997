"""Attention computed in slices."""

from __future__ import annotations

import torch
from torch.nn import functional

from core.sliced_attention import CHUNK_QUERIES, SlicedAttention


def test_sliced_attention_equals_attention_computed_at_once() -> None:
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, 3, length, 16) for length in (2 * CHUNK_QUERIES + 7, 50, 50))
    seen: list[int] = []

    class Watching(SlicedAttention):
        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            if func is functional.scaled_dot_product_attention:
                seen.append(args[0].shape[-2])
            return func(*args, **(kwargs or {}))

    whole = functional.scaled_dot_product_attention(query, key, value)
    with Watching(), SlicedAttention():
        sliced = functional.scaled_dot_product_attention(query, key, value)
        causal = functional.scaled_dot_product_attention(key, key, value, is_causal=True)
    assert seen == [CHUNK_QUERIES, CHUNK_QUERIES, 7, 50]
    assert torch.allclose(whole, sliced, atol=1e-6)
    assert torch.equal(causal, functional.scaled_dot_product_attention(key, key, value, is_causal=True))

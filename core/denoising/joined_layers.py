"""Layers of a UNet that need less work if the images of several runs are joined; other runs use them as they are.

Guidance evaluates the same latents with the prompt and with the negative prompt. Until the first attention to the
prompt, both evaluations are equal, so a joined run computes these layers only once. On a CPU, it also splits the
convolutions after enlargements of small models. The results differ by rounding.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn import Module

from core.prepared_networks import prepare_once

from .split_upsampling import SplitUpsampling, can_be_split

MARK: Final = "has_joined_layers"
TRANSFORMER: Final = "Transformer2DModel"  # diffusers' class of the attention blocks whose structure is known here
PLAIN: Final = 0  # the value of `_equal_parts` in a run that is not joined
_equal_parts: ContextVar[int] = ContextVar("equal_parts", default=PLAIN)


@contextmanager
def joined_run(equal_parts: int) -> Iterator[None]:
    """Inside the block, UNets evaluate the images of several runs.

    equal_parts: the number of equal parts that the samples and the embeddings consist of, from 1
    """
    token = _equal_parts.set(equal_parts)
    try:
        yield
    finally:
        _equal_parts.reset(token)


def prepare_joined_layers(unet: Any, *, splits: bool) -> None:
    """Replace the layers of a UNet that joined runs compute in another way.

    splits: whether the convolutions after enlargements are split, which takes twice their memory
    """
    prepare_once(unet, MARK, lambda: _replace_joined_layers(unet, splits=splits))


def _replace_joined_layers(unet: Any, *, splits: bool) -> None:
    for layer in _before_prompt(unet):
        vars(layer)["forward"] = Shared(layer)
    for layer in [*unet.modules()] if splits else []:
        if can_be_split(layer):
            vars(layer)["forward"] = SplitUpsampling(layer, is_on=lambda: _equal_parts.get() != PLAIN)


def _before_prompt(unet: Any) -> Iterator[Module]:
    """Yield the layers of a UNet before the first attention to the prompt: whole blocks, then parts of a block."""
    yield unet.conv_in
    for block in unet.down_blocks:
        if getattr(block, "has_cross_attention", False):
            yield block.resnets[0]
            yield from _before_attention(block.attentions[0])
            return
        yield block


def _before_attention(transformer: Any) -> Iterator[Module]:
    """Yield the layers of a transformer before its first attention to the prompt."""
    if type(transformer).__name__ != TRANSFORMER:
        return
    block = transformer.transformer_blocks[0]
    if block.only_cross_attention or block.norm_type != "layer_norm":
        return
    yield from (transformer.norm, transformer.proj_in, block.norm1, block.attn1, block.norm2, block.attn2.to_q)


class Shared:
    """The `forward` of a layer, which computes one of the equal parts that it is given, and repeats the result."""

    def __init__(self, layer: Module) -> None:
        self._layer = weakref.ref(layer)
        self._forward = type(layer).forward
        self._lean = vars(layer).get("forward")

    def __call__(self, *given: Any, **named: Any) -> Any:
        parts = _equal_parts.get()
        if parts <= 1:
            return self._computed(*given, **named)
        given = tuple([_part(each, parts) for each in given])
        named = {name: _part(each, parts) for name, each in named.items()}
        return _repeated(self._computed(*given, **named), parts)

    def _computed(self, *given: Any, **named: Any) -> Any:
        if self._lean is not None:
            return self._lean(*given, **named)
        return self._forward(self._layer(), *given, **named)


def _part(value: Any, parts: int) -> Any:
    return torch.chunk(value, parts)[0] if isinstance(value, Tensor) else value


def _repeated(made: Any, times: int) -> Any:
    if isinstance(made, Tensor):
        return torch.cat([made] * times)
    return tuple([_repeated(each, times) for each in made])

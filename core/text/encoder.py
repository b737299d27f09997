"""The interface of text encoders, whatever the implementation, and a model's pair of tokenizer and encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .tokenizer import PromptTokenizer


@dataclass(frozen=True, slots=True)
class TextStates:
    """What a text encoder returns: hidden states (b, n, d) and maybe a pooled state (b, p), a summary of the text."""

    hidden: Tensor
    pooled: Tensor | None = None


class TextEncoder(Protocol):
    """A text encoder, which maps token ids (b, n) to hidden states (b, n, d)."""

    @property
    def num_layers(self) -> int:
        """The number of layers; clip skip must be lower."""

    @property
    def device(self) -> torch.device:
        """The device that token ids must be on."""

    def __call__(self, tokens: Tensor, skip: int = 0, *, pooled: bool = False) -> TextStates:
        """Return the hidden states (b, n, d) after all but the last `skip` layers.

        pooled: return them before the final norm and, if the encoder has a text projection, the pooled state (b, p)
        after all layers as well. Otherwise they are normalized.
        """


@dataclass(frozen=True, slots=True)
class TextModel:
    """A model's tokenizer and text encoder, which together turn a prompt into hidden states."""

    tokenizer: PromptTokenizer
    encoder: TextEncoder

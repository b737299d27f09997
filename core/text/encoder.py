"""The interface of text encoders, whatever the implementation, and a model's pair of tokenizer and encoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from .tokenizer import PromptTokenizer


class TextEncoder(Protocol):
    """A text encoder, which maps token ids (b, n) to hidden states (b, n, d)."""

    @property
    def num_layers(self) -> int:
        """The number of layers; clip skip must be lower."""

    @property
    def device(self) -> torch.device:
        """The device that token ids must be on."""

    def __call__(self, tokens: Tensor, skip: int = 0) -> Tensor:
        """Return the normalized hidden states (b, n, d) after all but the last `skip` layers."""


@dataclass(frozen=True, slots=True)
class TextModel:
    """A model's tokenizer and text encoder, which together turn a prompt into hidden states."""

    tokenizer: PromptTokenizer
    encoder: TextEncoder

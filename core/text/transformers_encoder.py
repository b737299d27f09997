"""Text encoders from transformers, behind the interface in `encoder.py`."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor, nn

from .encoder import TextStates

FINAL_NORMS = ("final_layer_norm", "norm")
"""Names of the norm after the last layer: first that of CLIP and T5, then that of Llama models. BERT has none."""


class TransformersEncoder(nn.Module):
    """Any encoder from transformers that returns hidden states; `pad` and `special` come from its tokenizer.

    As in diffusers' Stable Diffusion pipelines, an attention mask is passed only if the config asks for one.
    """

    def __init__(
        self, network: Any, pad: int = 0, special: tuple[int, ...] = (), projection: nn.Module | None = None
    ) -> None:
        super().__init__()
        self.network, self.projection = network, projection
        self.pad, self.real_pads = pad, special.count(pad)

    @property
    def num_layers(self) -> int:
        """The number of layers; clip skip must be lower."""
        return int(self.network.config.num_hidden_layers)

    @property
    def device(self) -> torch.device:
        """The device that token ids must be on."""
        return cast(torch.device, next(self.network.parameters()).device)

    def forward(self, tokens: Tensor, skip: int = 0, *, pooled: bool = False) -> TextStates:
        """Return the hidden states (b, n, d) after all but the last `skip` layers, normalized unless `pooled`."""
        made = self.network(tokens, attention_mask=self._mask(tokens), output_hidden_states=pooled or skip > 0)
        if pooled:
            summary = None if self.projection is None else self.projection(made.pooler_output)
            return TextStates(made.hidden_states[-1 - skip], summary)
        if skip == 0:
            return TextStates(made.last_hidden_state)
        states = made.hidden_states[-1 - skip]
        norm = _final_norm(self.network)
        return TextStates(states if norm is None else norm(states))

    def _mask(self, tokens: Tensor) -> Tensor | None:
        """Return a mask (b, n) with 1 for tokens and 0 for padding; a special token may also serve as padding."""
        if not getattr(self.network.config, "use_attention_mask", False):
            return None
        is_pad = tokens == self.pad
        return (~is_pad | (is_pad.cumsum(-1) <= self.real_pads)).long()


def encoder_part(model: Any) -> Any:
    """Return the part of a transformers model that turns token ids into hidden states, without heads or decoder."""
    return model.get_encoder() if model.config.is_encoder_decoder else model.base_model


def _final_norm(network: Any) -> Any | None:
    for module in (network, getattr(network, "text_model", None), getattr(network, "encoder", None)):
        for name in FINAL_NORMS:
            if hasattr(module, name):
                return getattr(module, name)
    return None

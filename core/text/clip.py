"""The text encoder of CLIP (arXiv:2103.00020, section 2.4) in plain torch, with the weight names of transformers.

transformers' CLIPTextModel computes the same values, but importing it takes longer than importing torch.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from .encoder import TextStates

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),  # arXiv:1606.08415, section 2
    "gelu": functional.gelu,
}


@dataclass(frozen=True, slots=True)
class ClipConfig:
    """The dimensions of a CLIP text encoder; the defaults are those of transformers' CLIPTextConfig."""

    vocab_size: int = 49408
    hidden_size: int = 512
    intermediate_size: int = 2048
    num_hidden_layers: int = 12
    num_attention_heads: int = 8
    max_position_embeddings: int = 77
    hidden_act: str = "quick_gelu"
    layer_norm_eps: float = 1e-5
    projection_dim: int = 512
    eos_token_id: int = 49407

    @classmethod
    def from_json(cls, config: Mapping[str, Any]) -> ClipConfig:
        """Return the dimensions of the text encoder that a `config.json` describes."""
        return cls(**{name: config[name] for name in cls.__slots__ if name in config})


LEGACY_END: Final = 2
"""The end token in configs from before transformers 4.31. It was wrong, so the token with the highest id counts."""


class ClipText(nn.Module):
    """The encoder: maps token ids (b, n) to hidden states (b, n, d), with n at most `max_position_embeddings`.

    projected: whether it also has the text projection, with which it summarizes the whole text as one vector.
    """

    def __init__(self, config: ClipConfig, *, projected: bool = False) -> None:
        super().__init__()
        self.config = config
        self.embeddings = _Embeddings(config)
        self.encoder = _Encoder(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.text_projection = nn.Linear(config.hidden_size, config.projection_dim, bias=False) if projected else None

    @property
    def num_layers(self) -> int:
        """The number of layers; clip skip must be lower."""
        return self.config.num_hidden_layers

    @property
    def device(self) -> torch.device:
        """The device that token ids must be on."""
        return self.final_layer_norm.weight.device

    def forward(self, tokens: Tensor, skip: int = 0, *, pooled: bool = False) -> TextStates:
        """Return the hidden states (b, n, d) after all but the last `skip` layers.

        pooled: return them before the final norm and, if there is a text projection, the pooled state (b, p) after all
        layers as well, as SDXL expects. Otherwise they are normalized.
        """
        hidden = self.embeddings(tokens)
        layers = self.encoder.layers
        end = len(layers) - skip
        for layer in layers[:end]:
            hidden = layer(hidden)
        if not pooled:
            return TextStates(self.final_layer_norm(hidden))
        return TextStates(hidden, None if self.text_projection is None else self._pooled(tokens, hidden, layers[end:]))

    def _pooled(self, tokens: Tensor, hidden: Tensor, layers: Iterable[nn.Module]) -> Tensor:
        """Run the remaining layers, and project the state of the first end token."""
        assert self.text_projection is not None
        for layer in layers:
            hidden = layer(hidden)
        is_end = tokens if self.config.eos_token_id == LEGACY_END else tokens == self.config.eos_token_id
        place = is_end.int().argmax(dim=-1)
        ends = self.final_layer_norm(hidden)[torch.arange(len(tokens), device=hidden.device), place]
        projected: Tensor = self.text_projection(ends)
        return projected


class _Embeddings(nn.Module):
    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.position_embedding = nn.Embedding(config.max_position_embeddings, config.hidden_size)

    def forward(self, tokens: Tensor) -> Tensor:
        positions: Tensor = self.position_embedding.weight[: tokens.shape[-1]]
        embedded: Tensor = self.token_embedding(tokens)
        return embedded + positions


class _Encoder(nn.Module):
    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))


class _Layer(nn.Module):
    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.self_attn = _Attention(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = _Mlp(config)

    def forward(self, hidden: Tensor) -> Tensor:
        hidden = hidden + self.self_attn(self.layer_norm1(hidden))
        changed: Tensor = self.mlp(self.layer_norm2(hidden))
        return hidden + changed


class _Attention(nn.Module):
    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.num_attention_heads
        self.q_proj, self.k_proj = nn.Linear(size, size), nn.Linear(size, size)
        self.v_proj, self.out_proj = nn.Linear(size, size), nn.Linear(size, size)

    def forward(self, hidden: Tensor) -> Tensor:
        query, key, value = [
            project(hidden).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for project in (self.q_proj, self.k_proj, self.v_proj)
        ]
        attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        mixed: Tensor = self.out_proj(attended.transpose(1, 2).flatten(-2))
        return mixed


class _Mlp(nn.Module):
    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.activation = ACTIVATIONS[config.hidden_act]
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, hidden: Tensor) -> Tensor:
        changed: Tensor = self.fc2(self.activation(self.fc1(hidden)))
        return changed

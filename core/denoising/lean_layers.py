"""Compute the usual blocks of a UNet as diffusers does, bit by bit, but without work that changes nothing.

diffusers' blocks inspect signatures, divide by 1, apply dropout without effect, and write each result to new memory.
With a small model, this takes 6 % of the time of a step.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import attrgetter
from typing import Any, Final
from weakref import ref

from torch import Tensor
from torch.nn import Linear, SiLU, functional

from core.prepared_networks import prepare_once

MARK: Final = "has_lean_layers"
PLAIN_ATTENTION: Final[dict[str, Any]] = {
    "processor.__class__.__name__": "AttnProcessor2_0",
    "spatial_norm": None,
    "group_norm": None,
    "norm_cross": None,
    "norm_q": None,
    "norm_k": None,
    "residual_connection": False,
    "rescale_output_factor": 1.0,
    "training": False,
}
"""The attributes of an `Attention` without norms, residual connection and scaling."""

PLAIN_RESNET: Final[dict[str, Any]] = {
    "upsample": None,
    "downsample": None,
    "time_emb_proj.__class__": Linear,
    "time_embedding_norm": "default",
    "nonlinearity.__class__": SiLU,
    "skip_time_act": False,
    "output_scale_factor": 1.0,
    "training": False,
}
"""The attributes of a `ResnetBlock2D` that keeps the size, adds the embedding of the timestep, and has no scaling."""


def use_lean_layers(unet: Any) -> None:
    """Replace the `forward` of those blocks of a UNet that are of the usual kind."""
    prepare_once(unet, MARK, lambda: _replace_layers(unet))


def _replace_layers(unet: Any) -> None:
    kinds: dict[str, tuple[dict[str, Any], Callable[..., Any]]] = {
        "Attention": (PLAIN_ATTENTION, lean_attention),
        "ResnetBlock2D": (PLAIN_RESNET, lean_resnet),
    }
    for module in unet.modules():
        found = kinds.get(type(module).__name__)
        if found is not None:
            plain, forward = found
            if attrgetter(*plain)(module) == (*plain.values(),):
                vars(module)["forward"] = partial(forward, ref(module))


def lean_attention(own: ref[Any], features: Tensor, encoder_hidden_states: Tensor | None = None, **named: Any) -> Any:
    """Return what a plain `Attention` returns for features (b, n, d); with a mask, it computes as usual."""
    layer: Any = own()
    if features.ndim != 3 or {*named.values()} - {None}:
        return type(layer).forward(layer, features, encoder_hidden_states, **named)
    attended = features if encoder_hidden_states is None else encoder_hidden_states
    query, key, value = layer.to_q(features), layer.to_k(attended), layer.to_v(attended)
    width = key.shape[-1]
    shape = len(attended), -1, layer.heads, width // layer.heads
    made = functional.scaled_dot_product_attention(
        query.view(shape).transpose(1, 2), key.view(shape).transpose(1, 2), value.view(shape).transpose(1, 2)
    )
    return layer.to_out[0](made.transpose(1, 2).reshape(len(attended), -1, width))


def lean_resnet(own: ref[Any], features: Tensor, embedding: Tensor, *more: Any, **named: Any) -> Any:
    """Return what a plain `ResnetBlock2D` returns for features (b, c, h, w) and the embedding of the timestep."""
    layer: Any = own()
    if more or named:
        return type(layer).forward(layer, features, embedding, *more, **named)
    made = layer.conv1(functional.silu(layer.norm1(features), inplace=True))
    made += layer.time_emb_proj(functional.silu(embedding))[:, :, None, None]
    made = layer.conv2(functional.silu(layer.norm2(made), inplace=True))
    made += features if layer.conv_shortcut is None else layer.conv_shortcut(features)
    return made

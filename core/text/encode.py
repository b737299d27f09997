"""Turn a prompt and a negative prompt into the hidden states that guide the UNet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from core.devices import memory_errors, threads_for
from core.errors import BadSetting
from core.models.load import TextParts
from core.models.parts import Parts
from core.text.tokenizer import ClipTokenizer
from core.text.weights import parse


@dataclass(frozen=True, slots=True)
class Conditioning:
    """Hidden states of a prompt and of its negative, each (1, n * 77, d) with the same n."""

    positive: Tensor
    negative: Tensor


@dataclass(frozen=True, slots=True)
class Chunk:
    """As many tokens as the encoder takes at once, start, end and padding included, with a weight each."""

    tokens: tuple[int, ...]
    weights: tuple[float, ...]


def encode(prompt: str, negative: str, parts: Parts, clip_skip: int = 0) -> Conditioning:
    """Encode a prompt and its negative in as many chunks as the longer one needs; `clip_skip` drops last layers.

    Raises: ModelError, BadSetting, OutOfMemory.
    """
    text = parts.text()
    layers = text.encoder.config.num_hidden_layers
    if not 0 <= clip_skip < layers:
        raise BadSetting("clip_skip", clip_skip, f"0 to {layers - 1} for this model")
    wanted, unwanted = (chunks(one, text.tokenizer) for one in (prompt, negative))
    filler = chunks("", text.tokenizer)
    count = max(len(wanted), len(unwanted))
    with torch.inference_mode(), memory_errors(parts.device), threads_for(parts.card.size_bytes):
        positive, other = (
            torch.cat([_hidden(chunk, text, clip_skip) for chunk in [*some, *filler * (count - len(some))]], dim=1)
            for some in (wanted, unwanted)
        )
    return Conditioning(positive, other)


def chunks(prompt: str, tokenizer: ClipTokenizer) -> list[Chunk]:
    """Split a prompt with weights into chunks; even an empty prompt is one."""
    tokens = list(_weighted_tokens(prompt, tokenizer))
    room = tokenizer.limit - 2
    return [_chunk(tokens[at : at + room], tokenizer) for at in range(0, max(len(tokens), 1), room)]


def _weighted_tokens(prompt: str, tokenizer: ClipTokenizer) -> Iterator[tuple[int, float]]:
    for fragment in parse(prompt):
        for token in tokenizer.tokens(fragment.text):
            yield token, fragment.weight


def _chunk(tokens: list[tuple[int, float]], tokenizer: ClipTokenizer) -> Chunk:
    padding = tokenizer.limit - 2 - len(tokens)
    numbers = (tokenizer.start, *(number for number, _ in tokens), tokenizer.end, *(tokenizer.pad,) * padding)
    return Chunk(numbers, (1.0, *(weight for _, weight in tokens), 1.0, *(1.0,) * padding))


def _hidden(chunk: Chunk, text: TextParts, clip_skip: int) -> Tensor:
    """Encode one chunk alone, so that its numbers do not depend on what is encoded beside it: (1, 77, d)."""
    device = text.encoder.final_layer_norm.weight.device
    states = text.encoder(torch.tensor([chunk.tokens], device=device), skip=clip_skip)
    return states if set(chunk.weights) == {1.0} else _weighted(states, chunk.weights)


def _weighted(states: Tensor, weights: tuple[float, ...]) -> Tensor:
    """Multiply each token's state by its weight, then restore the mean of all, so that only proportions change.

    There is no paper: this is the rule that the Stable Diffusion web UI calls "Emphasis: original" and made customary.
    """
    factors = torch.tensor(weights, device=states.device, dtype=torch.float32)[None, :, None]
    scaled = states.float() * factors
    return (scaled * (states.float().mean() / scaled.mean())).to(states.dtype)

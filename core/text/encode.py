"""Turn a prompt and a negative prompt into the hidden states that guide the UNet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from core.devices import limit_threads, memory_errors
from core.errors import BadSetting
from core.models.components import LoadedModel
from core.models.load import TextModel

from .prompt_weights import parse
from .tokenizer import ClipTokenizer


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


def encode(prompt: str, negative: str, model: LoadedModel, clip_skip: int = 0) -> Conditioning:
    """Encode a prompt and its negative in as many chunks as the longer one needs; `clip_skip` drops last layers.

    Raises: ModelError, BadSetting, OutOfMemory.
    """
    text = model.text()
    layers = text.encoder.config.num_hidden_layers
    if not 0 <= clip_skip < layers:
        raise BadSetting("clip_skip", clip_skip, f"0 to {layers - 1} for this model")
    wanted, unwanted = (chunks(one, text.tokenizer) for one in (prompt, negative))
    (empty,) = chunks("", text.tokenizer)
    count = max(len(wanted), len(unwanted))

    @cache  # the empty prompt fills up the shorter one and is what weights scale around: encoded once
    def states(tokens: tuple[int, ...]) -> Tensor:
        return _states(tokens, text, clip_skip)

    def hidden(chunk: Chunk) -> Tensor:
        plain = states(chunk.tokens)
        return plain if set(chunk.weights) == {1.0} else weighted(plain, states(empty.tokens), chunk.weights)

    with torch.inference_mode(), memory_errors(model.device), limit_threads(model.card.size_bytes):
        positive, other = (
            torch.cat([hidden(chunk) for chunk in [*some, *[empty] * (count - len(some))]], dim=1)
            for some in (wanted, unwanted)
        )
    return Conditioning(positive, other)


def chunks(prompt: str, tokenizer: ClipTokenizer) -> list[Chunk]:
    """Split a prompt with weights into chunks; even an empty prompt is one."""
    tokens = list(_weighted_tokens(prompt, tokenizer))
    room = tokenizer.limit - 2
    return [_chunk(tokens[at : at + room], tokenizer) for at in range(0, max(len(tokens), 1), room)]


def weighted(states: Tensor, empty: Tensor, weights: tuple[float, ...]) -> Tensor:
    """Move each token's state away from that of the empty prompt, or towards it: empty + weight * (state - empty).

    There is no paper: this is the rule of the compel library, without the masking it adds for weights below 1. Nothing
    is divided by, so it holds for any states; 0 returns those of the empty prompt, 1 leaves a token's to the last bit.
    """
    factors = torch.tensor(weights, device=states.device, dtype=torch.float32)[None, :, None]
    moved = torch.lerp(empty.float(), states.float(), factors).to(states.dtype)
    return torch.where(factors == 1.0, states, moved)


def _weighted_tokens(prompt: str, tokenizer: ClipTokenizer) -> Iterator[tuple[int, float]]:
    for fragment in parse(prompt):
        for token in tokenizer.tokens(fragment.text):
            yield token, fragment.weight


def _chunk(tokens: list[tuple[int, float]], tokenizer: ClipTokenizer) -> Chunk:
    padding = tokenizer.limit - 2 - len(tokens)
    numbers = (tokenizer.start, *(number for number, _ in tokens), tokenizer.end, *(tokenizer.pad,) * padding)
    return Chunk(numbers, (1.0, *(weight for _, weight in tokens), 1.0, *(1.0,) * padding))


def _states(tokens: tuple[int, ...], text: TextModel, clip_skip: int) -> Tensor:
    """Encode one chunk alone, so that its numbers do not depend on what is encoded beside it: (1, 77, d)."""
    device = text.encoder.final_layer_norm.weight.device
    states: Tensor = text.encoder(torch.tensor([tokens], device=device), skip=clip_skip)
    return states

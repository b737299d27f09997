"""Encode a prompt and a negative prompt into the hidden states that guide the UNet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import torch
from torch import Tensor

from core.devices import Device, limit_threads, memory_errors
from core.errors import BadSetting

from .encoder import TextModel
from .prompt_weights import Fragment
from .prompts import INVOKE, parts
from .tokenizer import PromptTokenizer


class PromptModel(Protocol):
    """What `encode` needs from a model; `core.models.components.LoadedModel` provides it."""

    @property
    def device(self) -> Device:
        """The device that the model runs on."""

    @property
    def size_bytes(self) -> int:
        """The size of the model's weights in bytes."""

    def text(self) -> TextModel:
        """Return the model's tokenizer and text encoder."""


@dataclass(frozen=True, slots=True)
class Conditioning:
    """Hidden states of a prompt and its negative prompt, each (1, chunks * limit, d) with the same number of chunks."""

    positive: Tensor
    negative: Tensor


@dataclass(frozen=True, slots=True)
class Chunk:
    """The tokens that the encoder processes at once, including special tokens and padding, each with its weight."""

    tokens: tuple[int, ...]
    weights: tuple[float, ...]


def encode(prompt: str, negative: str, model: PromptModel, clip_skip: int = 0, *, syntax: str = INVOKE) -> Conditioning:
    """Encode a prompt and its negative prompt, both in as many chunks as the longer prompt needs.

    clip_skip: number of last encoder layers to skip. syntax: how weights are written, `invoke` or `a1111`.
    Raises: ModelError, BadSetting, OutOfMemory.
    """
    text = model.text()
    layers = text.encoder.num_layers
    if not 0 <= clip_skip < layers:
        raise BadSetting("clip_skip", clip_skip, f"0 to {layers - 1} for this model")
    wanted, unwanted = (chunks(side, text.tokenizer, syntax) for side in (prompt, negative))
    (empty,) = chunks("", text.tokenizer)
    count = max(len(wanted), len(unwanted))

    @cache  # the empty prompt pads the shorter prompt and is the origin of weights, but is encoded only once
    def states(tokens: tuple[int, ...]) -> Tensor:
        return _states(tokens, text, clip_skip)

    def hidden(chunk: Chunk) -> Tensor:
        plain = states(chunk.tokens)
        return plain if set(chunk.weights) == {1.0} else weighted(plain, states(empty.tokens), chunk.weights)

    with torch.inference_mode(), memory_errors(model.device), limit_threads(model.size_bytes):
        positive, other = (
            torch.cat([hidden(chunk) for chunk in [*some, *[empty] * (count - len(some))]], dim=1)
            for some in (wanted, unwanted)
        )
    return Conditioning(positive, other)


def chunks(prompt: str, tokenizer: PromptTokenizer, syntax: str = INVOKE) -> list[Chunk]:
    """Split a prompt with weights into chunks, and in `a1111` syntax also at `BREAK`; an empty prompt is one chunk."""
    room = tokenizer.limit - len(tokenizer.prefix) - len(tokenizer.suffix)
    found = []
    for part in parts(prompt, syntax):
        tokens = list(_weighted_tokens(part, tokenizer))
        found += [_chunk(tokens[at : at + room], tokenizer) for at in range(0, max(len(tokens), 1), room)]
    return found


def weighted(states: Tensor, empty: Tensor, weights: tuple[float, ...]) -> Tensor:
    """Scale each token's state around the empty prompt's state: empty + weight * (state - empty).

    states, empty: (1, n, d); weights: n.
    This is the rule of the compel library (there is no paper), without the masking that it adds for weights below 1.
    Nothing is divided, so it works for any states: a weight of 0 results in the state of the empty prompt, and a
    weight of 1 keeps the token's own state, bit for bit.
    """
    factors = torch.tensor(weights, device=states.device, dtype=torch.float32)[None, :, None]
    moved = torch.lerp(empty.float(), states.float(), factors).to(states.dtype)
    return torch.where(factors == 1.0, states, moved)


def _weighted_tokens(part: Iterable[Fragment], tokenizer: PromptTokenizer) -> Iterator[tuple[int, float]]:
    for fragment in part:
        for token in tokenizer.tokens(fragment.text):
            yield token, fragment.weight


def _chunk(tokens: list[tuple[int, float]], tokenizer: PromptTokenizer) -> Chunk:
    before, after = tokenizer.prefix, tokenizer.suffix
    padding = tokenizer.limit - len(before) - len(tokens) - len(after)
    ids = (*before, *(token for token, _ in tokens), *after, *(tokenizer.pad,) * padding)
    neutral = (1.0,)
    return Chunk(ids, (*neutral * len(before), *(weight for _, weight in tokens), *neutral * (len(after) + padding)))


def _states(tokens: tuple[int, ...], text: TextModel, clip_skip: int) -> Tensor:
    """Encode one chunk on its own to (1, limit, d), so that the result does not depend on other chunks."""
    return text.encoder(torch.tensor([tokens], device=text.encoder.device), skip=clip_skip)

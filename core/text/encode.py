"""Encode a prompt and a negative prompt into the hidden states, and maybe pooled states, that guide the UNet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import torch
from torch import Tensor

from core.devices import Device, limit_threads, memory_errors
from core.errors import BadSetting
from core.stopping import IsCancelled, stoppable

from .conditioning import Conditioning
from .encoder import TextModel, TextStates
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

    @property
    def wants_pooled(self) -> bool:
        """Whether the UNet takes a pooled state, and hidden states of the second-last layer without the final norm."""

    @property
    def zeros_for_empty(self) -> bool:
        """Whether an empty negative prompt is encoded as zeros."""

    @property
    def cancelled(self) -> IsCancelled:
        """Returns True if the computation is to end."""

    def texts(self) -> tuple[TextModel, ...]:
        """Return the model's pairs of a tokenizer and a text encoder."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The tokens that the encoder processes at once, including special tokens and padding, each with its weight."""

    tokens: tuple[int, ...]
    weights: tuple[float, ...]


def encode(prompt: str, negative: str, model: PromptModel, clip_skip: int = 0, *, syntax: str = INVOKE) -> Conditioning:
    """Encode a prompt and its negative prompt, both in as many chunks as the longer prompt needs.

    If a model has two text encoders, their hidden states are joined, token by token. A pooled state is that of the
    first chunk, and weights do not change it.

    clip_skip: number of last encoder layers to skip; SDXL counts from the second-last layer, as diffusers does.
    syntax: how weights are written, `invoke` or `a1111`.
    Raises: ModelError, BadSetting, OutOfMemory, Cancelled.
    """
    texts = model.texts()
    layers = min(text.encoder.num_layers for text in texts) - model.wants_pooled
    if not 0 <= clip_skip < layers:
        raise BadSetting("clip_skip", clip_skip, f"0 to {layers - 1} for this model")
    is_zero = model.zeros_for_empty and not negative.strip()
    cut = [
        [chunks(side, text.tokenizer, syntax) for side in ([prompt] if is_zero else [prompt, negative])]
        for text in texts
    ]
    count = max(len(found) for sides in cut for found in sides)
    readers = [_Reader(text, clip_skip, model.cancelled, pooled=model.wants_pooled) for text in texts]
    limits = limit_threads(model.size_bytes, model.device.threads)
    with torch.inference_mode(), memory_errors(model.device), limits:
        read = [[reader.read(found, count) for found in sides] for reader, sides in zip(readers, cut, strict=True)]
        wanted, *unwanted = [_joined(states) for states in zip(*read, strict=True)]
        return Conditioning(wanted, unwanted[0] if unwanted else _zeros(wanted))


class _Reader:
    """Encodes prompts with one text encoder; a chunk that occurs several times is encoded once.

    The empty prompt often does: it pads the shorter prompt and is the origin of weights.
    """

    def __init__(self, text: TextModel, clip_skip: int, cancelled: IsCancelled, *, pooled: bool) -> None:
        self._text, self._pooled, self._skip = text, pooled, clip_skip + pooled
        self._cancelled = cancelled
        (self._empty,) = chunks("", text.tokenizer)
        self._known = cache(self._encoded)

    def read(self, found: Sequence[Chunk], count: int) -> TextStates:
        """Return the states of the chunks of a prompt, padded with empty prompts to `count` chunks."""
        padded = [*found, *[self._empty] * (count - len(found))]
        hidden = torch.cat([self._hidden(chunk) for chunk in padded], dim=1)
        return TextStates(hidden, self._known(found[0].tokens).pooled if self._pooled else None)

    def _hidden(self, chunk: Chunk) -> Tensor:
        plain = self._known(chunk.tokens).hidden
        is_weighted = set(chunk.weights) != {1.0}
        return weighted(plain, self._known(self._empty.tokens).hidden, chunk.weights) if is_weighted else plain

    def _encoded(self, tokens: tuple[int, ...]) -> TextStates:
        """Encode one chunk on its own to (1, limit, d), so that the result does not depend on other chunks."""
        encoder = self._text.encoder
        with stoppable(encoder, self._cancelled):
            return encoder(torch.tensor([tokens], device=encoder.device), skip=self._skip, pooled=self._pooled)


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
    ids = (*before, *[token for token, _ in tokens], *after, *(tokenizer.pad,) * padding)
    neutral = (1.0,)
    return Chunk(ids, (*neutral * len(before), *[weight for _, weight in tokens], *neutral * (len(after) + padding)))


def _joined(states: Sequence[TextStates]) -> TextStates:
    """Join what a model's encoders return for one prompt; the pooled state is that of the last encoder."""
    hidden = states[0].hidden if len(states) == 1 else torch.cat([each.hidden for each in states], dim=-1)
    return TextStates(hidden, states[-1].pooled)


def _zeros(states: TextStates) -> TextStates:
    pooled = states.pooled
    return TextStates(torch.zeros_like(states.hidden), None if pooled is None else torch.zeros_like(pooled))

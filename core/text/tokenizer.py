"""The interface of tokenizers, and its implementation for the `tokenizers` library."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tokenizers import Tokenizer

from core.foreign import json_data, read_bytes


class PromptTokenizer(Protocol):
    """Turns text into token ids; an encoder takes `limit` tokens at once: prefix, text, suffix and padding."""

    @property
    def prefix(self) -> tuple[int, ...]:
        """The special tokens before the tokens of the text."""

    @property
    def suffix(self) -> tuple[int, ...]:
        """The special tokens after the tokens of the text and before the padding."""

    @property
    def pad(self) -> int:
        """The token with which a chunk is padded."""

    @property
    def limit(self) -> int:
        """The number of tokens in a chunk."""

    @property
    def size(self) -> int:
        """Number of tokens in the vocabulary."""

    def tokens(self, text: str) -> list[int]:
        """Return the token ids of a string, without special tokens."""

    def words(self, ids: list[int]) -> list[str]:
        """Return the tokens with these ids as spelled in the vocabulary."""


@dataclass(frozen=True, slots=True)
class FastTokenizer:
    """A tokenizer of the `tokenizers` library."""

    backend: Tokenizer
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    pad: int
    limit: int

    @property
    def size(self) -> int:
        """Number of tokens in the vocabulary."""
        return int(self.backend.get_vocab_size())

    def tokens(self, text: str) -> list[int]:
        """Return the token ids of a string, without special tokens."""
        ids: list[int] = self.backend.encode(text, add_special_tokens=False).ids
        return ids

    def words(self, ids: list[int]) -> list[str]:
        """Return the tokens with these ids as spelled in the vocabulary."""
        return [self.backend.id_to_token(id_) or "" for id_ in ids]


def read_settings(folder: Path) -> dict[str, Any]:
    """Return a tokenizer's settings, with special tokens as strings even if its files store objects.

    Raises: OSError, ValueError.
    """
    found: dict[str, Any] = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        if (folder / name).is_file():
            settings = json_data(read_bytes(folder / name))
            found.update({key: _plain(value) for key, value in settings.items() if value is not None})
    return found


def special_tokens(framed: list[int], bare: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the special tokens before and after a string's tokens, given its ids with and without special tokens."""
    for start in range(len(framed) - len(bare) + 1):
        if framed[start : start + len(bare)] == bare:
            return tuple(framed[:start]), tuple(framed[start + len(bare) :])
    return (), ()


def _plain(value: Any) -> Any:
    return value["content"] if isinstance(value, dict) and "content" in value else value

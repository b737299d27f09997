"""Load a tokenizer: our own CLIP tokenizer, any `tokenizer.json`, or the class from transformers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from core.errors import ModelBroken, ModelUnsupported

from .clip_tokenizer import is_clip_tokenizer, load_clip_tokenizer
from .tokenizer import FastTokenizer, PromptTokenizer, read_settings, special_tokens
from .transformers_classes import load_auto_tokenizer

DEFAULT_LIMIT = 77
MAX_LIMIT = 8192
"""The largest token limit that is plausible; transformers writes 10**30 if a tokenizer has no limit."""


@dataclass(frozen=True, slots=True)
class TransformersTokenizer:
    """A tokenizer from transformers, used if a model has no `tokenizer.json`."""

    backend: Any
    prefix: tuple[int, ...]
    suffix: tuple[int, ...]
    pad: int
    limit: int

    @property
    def size(self) -> int:
        """The number of tokens in the vocabulary."""
        return len(self.backend)

    def tokens(self, text: str) -> list[int]:
        """Return the token ids of a string, without special tokens."""
        return list(self.backend.encode(text, add_special_tokens=False))

    def words(self, ids: list[int]) -> list[str]:
        """Return the tokens with these ids as spelled in the vocabulary."""
        return list(self.backend.convert_ids_to_tokens(ids))


def load_tokenizer(folder: Path, *, max_positions: int | None = None) -> PromptTokenizer:
    """Load the tokenizer in a folder for an encoder that takes at most `max_positions` tokens (None: unlimited).

    Raises: ModelBroken, ModelUnsupported.
    """
    try:
        if is_clip_tokenizer(folder):
            return load_clip_tokenizer(folder, limit=max_positions or DEFAULT_LIMIT)
        config = read_settings(folder)
        limit = _limit(config.get("model_max_length"), max_positions)
        if (folder / "tokenizer.json").is_file():
            return _from_file(folder, config, limit)
        return _from_transformers(folder, limit)
    except ImportError as error:
        raise ModelUnsupported(folder, f"its tokenizer needs a package that is not installed ({error})") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelBroken(folder, f"its tokenizer cannot be read ({error!r})") from error


def _from_file(folder: Path, config: dict[str, Any], limit: int) -> FastTokenizer:
    try:
        backend = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the package `tokenizers` raises no more specific class
        raise ValueError(str(error)) from error
    padding = backend.padding or {}
    backend.no_padding()
    backend.no_truncation()
    prefix, suffix = special_tokens(backend.encode("a").ids, backend.encode("a", add_special_tokens=False).ids)
    pad = backend.token_to_id(config.get("pad_token", ""))
    if pad is None:
        pad = padding.get("pad_id", suffix[-1] if suffix else 0)
    return FastTokenizer(backend, prefix, suffix, pad, limit)


def _from_transformers(folder: Path, limit: int) -> TransformersTokenizer:
    backend = load_auto_tokenizer(folder)
    prefix, suffix = special_tokens(backend.encode("a"), backend.encode("a", add_special_tokens=False))
    pad = backend.pad_token_id
    if pad is None:
        pad = suffix[-1] if suffix else 0
    return TransformersTokenizer(backend, prefix, suffix, pad, limit)


def _limit(model_max_length: object, max_positions: int | None) -> int:
    known = [limit for limit in (model_max_length, max_positions) if isinstance(limit, int) and 0 < limit <= MAX_LIMIT]
    return min(known, default=DEFAULT_LIMIT)

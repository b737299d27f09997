"""The vocabulary of CLIP, shipped for models without a tokenizer, as most single files are.

`vocabulary/LICENSE.txt` says where it comes from. All CLIP text encoders of Stable Diffusion use it.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Final

from tokenizers import Tokenizer
from tokenizers.pre_tokenizers import ByteLevel

from .clip_tokenizer import END, END_OF_WORD, START, make_backend
from .tokenizer import FastTokenizer

MERGES: Final = Path(__file__).parent / "vocabulary" / "clip_merges.txt.gz"

Merges = list[tuple[str, str]]


def shipped_clip_tokenizer(pad: str = END, *, limit: int = 77) -> FastTokenizer:
    """Return CLIP's tokenizer. pad: the token that pads a chunk: `<|endoftext|>` in CLIP, `!` in OpenCLIP."""
    backend = _backend(pad)
    start, end, padding = (backend.token_to_id(token) for token in (START, END, pad))
    return FastTokenizer(backend, (start,), (end,), padding, limit)


def clip_vocabulary() -> tuple[dict[str, int], Merges]:
    """Return the 49,408 tokens of CLIP with their ids, and its 48,894 merges, in order."""
    lines = gzip.decompress(MERGES.read_bytes()).decode().splitlines()
    merges = [(first, second) for first, _, second in (line.partition(" ") for line in lines)]
    symbols = sorted(ByteLevel.alphabet())  # one character per byte; CLIP numbers them in this order
    endings = [symbol + END_OF_WORD for symbol in symbols]
    tokens = (*symbols, *endings, *[first + second for first, second in merges], START, END)
    return {token: number for number, token in enumerate(tokens)}, merges


@cache
def _backend(pad: str) -> Tokenizer:
    vocabulary, merges = clip_vocabulary()
    return make_backend(vocabulary, merges, unknown=END, special=(START, END, pad))

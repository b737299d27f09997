"""The vocabulary of CLIP, shipped for models without a tokenizer, as most single files are.

`vocabulary/LICENSE.txt` says where it comes from. All CLIP text encoders of Stable Diffusion use it.
"""

from __future__ import annotations

import gzip
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from tokenizers.pre_tokenizers import ByteLevel

from .clip_tokenizer import END, END_OF_WORD, START, make_backend
from .tokenizer import FastTokenizer

MERGES: Final = Path(__file__).parent / "vocabulary" / "clip_merges.txt.gz"
LIMIT: Final = 77  # number of tokens that CLIP takes at once

Merges = list[tuple[str, str]]


def shipped_clip_tokenizer(pad: str = END, *, limit: int = LIMIT) -> FastTokenizer:
    """Return CLIP's tokenizer. pad: the token that pads a chunk: `<|endoftext|>` in CLIP, `!` in OpenCLIP."""
    return replace(_tokenizer(pad), limit=limit)


def clip_vocabulary() -> tuple[dict[str, int], Merges]:
    """Return the 49,408 tokens of CLIP with their ids, and its 48,894 merges, in order."""
    lines = gzip.decompress(MERGES.read_bytes()).decode().splitlines()
    merges = [(first, second) for first, _, second in (line.partition(" ") for line in lines)]
    symbols = sorted(ByteLevel.alphabet())  # one character per byte; CLIP numbers them in this order
    endings = [symbol + END_OF_WORD for symbol in symbols]
    tokens = (*symbols, *endings, *[first + second for first, second in merges], START, END)
    return {token: number for number, token in enumerate(tokens)}, merges


@cache
def _tokenizer(pad: str) -> FastTokenizer:
    vocabulary, merges = clip_vocabulary()
    backend = make_backend(vocabulary, merges, unknown=END, special=(START, END, pad))
    return FastTokenizer(backend, (vocabulary[START],), (vocabulary[END],), vocabulary[pad], LIMIT)

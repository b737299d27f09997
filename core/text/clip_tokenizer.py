"""CLIP's tokenizer, built on the `tokenizers` library; returns the same ids as transformers' CLIPTokenizer.

Byte-level byte pair encoding, arXiv:1508.07909, with the pattern of arXiv:2103.00020.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE

from core.foreign import json_data, read_bytes, read_text

from .tokenizer import FastTokenizer, read_settings

CLASSES = ("CLIPTokenizer", "CLIPTokenizerFast")
START, END = "<|startoftext|>", "<|endoftext|>"
END_OF_WORD = "</w>"
WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def is_clip_tokenizer(folder: Path) -> bool:
    """Return True if a folder holds a CLIP tokenizer, judging by the class in its config, otherwise by its files.

    Raises: OSError, ValueError.
    """
    named = read_settings(folder).get("tokenizer_class")
    if named is not None:
        return named in CLASSES
    if (folder / "vocab.json").is_file():
        return (folder / "merges.txt").is_file()
    if not (folder / "tokenizer.json").is_file():
        return False
    model = json_data(read_bytes(folder / "tokenizer.json"))["model"]
    return "merges" in model and model.get("end_of_word_suffix", END_OF_WORD) == END_OF_WORD


def load_clip_tokenizer(folder: Path, *, limit: int) -> FastTokenizer:
    """Build the tokenizer from `vocab.json` and `merges.txt`, or from the model inside `tokenizer.json`.

    Raises: OSError, ValueError, KeyError, TypeError.
    """
    vocabulary, merges = _read(folder)
    settings = read_settings(folder)
    start, end = settings.get("bos_token", START), settings.get("eos_token", END)
    pad = settings.get("pad_token", end)
    unknown = settings.get("unk_token", end)
    backend = make_backend(vocabulary, merges, unknown=unknown, special=(start, end, pad))
    return FastTokenizer(backend, (vocabulary[start],), (vocabulary[end],), vocabulary[pad], limit)


def make_backend(
    vocabulary: dict[str, int], merges: list[tuple[str, str]], *, unknown: str, special: Sequence[str]
) -> Tokenizer:
    """Return the byte pair encoding of CLIP with this vocabulary; special tokens are recognized within text.

    unknown: the token for what the vocabulary does not have.
    """
    model = BPE(
        vocab=vocabulary,
        merges=merges,
        continuing_subword_prefix="",
        end_of_word_suffix=END_OF_WORD,
        fuse_unk=False,
        unk_token=unknown,
    )
    backend = Tokenizer(model)
    backend.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    backend.add_special_tokens(list(dict.fromkeys(special)))
    return backend


def _read(folder: Path) -> tuple[dict[str, int], list[tuple[str, str]]]:
    if (folder / "vocab.json").is_file():
        vocabulary = json_data(read_bytes(folder / "vocab.json"))
        lines: list[Any] = read_text(folder / "merges.txt").split("\n")
        lines = [line for line in lines if line and not line.startswith("#version")]
    else:
        model = json_data(read_bytes(folder / "tokenizer.json"))["model"]
        vocabulary, lines = model["vocab"], model["merges"]
    merges = [tuple(line.split(" ")) if isinstance(line, str) else tuple(line) for line in lines]
    return vocabulary, [(first, second) for first, second in merges]

"""CLIP's tokenizer on the `tokenizers` library alone: the numbers of transformers' CLIPTokenizer without its import.

Byte-level byte pair encoding, arXiv:1508.07909 with the splitting rule of arXiv:2103.00020.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import BPE

from core.errors import ModelBroken

START, END = "<|startoftext|>", "<|endoftext|>"
WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


@dataclass(frozen=True, slots=True)
class ClipTokenizer:
    """Turns text into token numbers; `limit` is how many the encoder takes at once, start and end included."""

    backend: Tokenizer
    start: int
    end: int
    pad: int
    limit: int

    def tokens(self, text: str) -> list[int]:
        """Return the numbers of a text's tokens, without start and end."""
        numbers: list[int] = self.backend.encode(text, add_special_tokens=False).ids
        return numbers

    def words(self, numbers: list[int]) -> list[str]:
        """Return the tokens behind the numbers, as the vocabulary writes them."""
        return [self.backend.id_to_token(number) or "" for number in numbers]


def load_tokenizer(folder: Path, *, limit: int = 77) -> ClipTokenizer:
    """Build the tokenizer from `vocab.json` and `merges.txt`, or from the model inside `tokenizer.json`.

    Raises: ModelBroken.
    """
    try:
        vocabulary, merges = _read(folder)
        config = _settings(folder)
        start, end = config.get("bos_token", START), config.get("eos_token", END)
        pad = config.get("pad_token", end)
        backend = _backend(vocabulary, merges, unknown=config.get("unk_token", end))
        backend.add_special_tokens(list(dict.fromkeys((start, end, pad))))
        return ClipTokenizer(backend, vocabulary[start], vocabulary[end], vocabulary[pad], limit)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelBroken(folder, f"its tokenizer cannot be read ({error!r})") from error


def _backend(vocabulary: dict[str, int], merges: list[tuple[str, str]], *, unknown: str) -> Tokenizer:
    model = BPE(
        vocab=vocabulary,
        merges=merges,
        continuing_subword_prefix="",
        end_of_word_suffix="</w>",
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
    return backend


def _read(folder: Path) -> tuple[dict[str, int], list[tuple[str, str]]]:
    if (folder / "vocab.json").is_file():
        vocabulary = json.loads((folder / "vocab.json").read_text("utf-8"))
        lines: list[Any] = (folder / "merges.txt").read_text("utf-8").split("\n")
        lines = [line for line in lines if line and not line.startswith("#version")]
    else:
        model = json.loads((folder / "tokenizer.json").read_text("utf-8"))["model"]
        vocabulary, lines = model["vocab"], model["merges"]
    merges = [tuple(line.split(" ")) if isinstance(line, str) else tuple(line) for line in lines]
    return vocabulary, [(first, second) for first, second in merges]


def _settings(folder: Path) -> dict[str, str]:
    """Return the special tokens as plain text; files of older and newer kinds write them as text or as objects."""
    found: dict[str, str] = {}
    for name in ("special_tokens_map.json", "tokenizer_config.json"):
        if (folder / name).is_file():
            settings = json.loads((folder / name).read_text("utf-8"))
            for key in ("bos_token", "eos_token", "pad_token", "unk_token"):
                token = settings.get(key)
                if token is not None:
                    found[key] = token if isinstance(token, str) else token["content"]
    return found

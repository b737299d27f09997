"""Create the CLIP tokenizer's files from the vocabulary: `python -m training.tokenizer`."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

from training.learn import RUNS
from training.vocabulary import words

FOLDER = RUNS / "tokenizer"
END = "</w>"
START_TOKEN, END_TOKEN = "<|startoftext|>", "<|endoftext|>"
MAX_TOKENS = 77


def byte_letters() -> list[str]:
    """Return the characters that stand for the bytes 0 to 255 in the vocabularies of CLIP and GPT-2."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    letters = {byte: chr(byte) for byte in shown}
    for extra, byte in enumerate(byte for byte in range(256) if byte not in letters):
        letters[byte] = chr(256 + extra)
    return [letters[byte] for byte in range(256)]


def learn_merges(vocabulary: list[str]) -> list[tuple[str, str]]:
    """Learn byte-pair merges until every word of the vocabulary is one token; ties are broken alphabetically."""
    spelled = [[*word[:-1], word[-1] + END] for word in vocabulary]
    pairs = Counter(pair for parts in spelled for pair in pairwise(parts))
    merges: list[tuple[str, str]] = []
    while pairs:
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        for number, parts in enumerate(spelled):
            if best in pairwise(parts):
                pairs.subtract(pairwise(parts))
                spelled[number] = _merged(parts, best)
                pairs.update(pairwise(spelled[number]))
        pairs = +pairs
    return merges


def _merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    for part in parts:
        if joined and (joined[-1], part) == pair:
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def write(folder: Path) -> int:
    """Write the tokenizer's files and return its vocabulary size."""
    merges = learn_merges(words())
    letters = byte_letters()
    tokens = [*letters, *(letter + END for letter in letters), *dict.fromkeys("".join(pair) for pair in merges)]
    tokens += [START_TOKEN, END_TOKEN]
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(numbers, ensure_ascii=False), encoding="utf-8")
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": START_TOKEN, "eos_token": END_TOKEN, "pad_token": END_TOKEN, "unk_token": END_TOKEN}
    settings = {"tokenizer_class": "CLIPTokenizer", "model_max_length": MAX_TOKENS, "do_lower_case": True, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n", encoding="utf-8")
    return len(numbers)


def load(folder: Path = FOLDER) -> Any:
    """Load the tokenizer, creating its files if needed."""
    from transformers import CLIPTokenizer

    if not (folder / "vocab.json").exists():
        write(folder)
    return CLIPTokenizer.from_pretrained(str(folder))


def main() -> None:
    """Write the tokenizer's files."""
    parser = argparse.ArgumentParser(prog="python -m training.tokenizer", description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    print(f"{write(args.out)} tokens for {len(words())} words in {args.out}")


if __name__ == "__main__":
    main()

"""Tokenizers and text encoders loaded, our own and those of transformers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.devices import Device
from core.errors import ModelBroken
from core.models.load_text import load_text
from core.models.probe import probe

CPU = Device("cpu")


def test_an_unreadable_tokenizer_is_refused(model: Path) -> None:
    (model / "tokenizer/merges.txt").write_text("one two three\n")
    with pytest.raises(ModelBroken, match="its tokenizer cannot be read"):
        load_text(probe(model), CPU)


def test_a_tokenizer_of_more_words_than_the_encoder_knows_is_refused(model: Path) -> None:
    words = json.loads((model / "tokenizer/vocab.json").read_text())
    (model / "tokenizer/vocab.json").write_text(json.dumps({**words, "one-too-many": len(words)}))
    with pytest.raises(ModelBroken, match=f"its tokenizer has {len(words) + 1} tokens, its text encoder {len(words)}"):
        load_text(probe(model), CPU)

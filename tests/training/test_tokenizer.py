"""The tokenizer: every known word is one token, all other text is encoded as bytes without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.tokenizer import load, write
from training.vocabulary import words


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tokenizer")
    write(made)
    return made


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Any:
    return load(folder)


def test_every_known_word_is_one_token(tokenizer: Any) -> None:
    lengths = {word: len(tokenizer(word)["input_ids"]) for word in words()}
    assert {word for word, length in lengths.items() if length != 3} == set()


@pytest.mark.parametrize("text", ["zxqv", "ünïcödé", "猫", "🙂", "3.5 (a)", ""])
def test_text_outside_the_vocabulary_survives_a_round_trip_as_bytes(tokenizer: Any, text: str) -> None:
    numbers = tokenizer(text)["input_ids"]
    assert tokenizer.unk_token_id not in numbers[1:-1]
    assert tokenizer.decode(numbers, skip_special_tokens=True).replace(" ", "") == text.replace(" ", "")


def test_the_tokenizer_ignores_case(tokenizer: Any) -> None:
    assert tokenizer("A Red House")["input_ids"] == tokenizer("a red house")["input_ids"]


def test_creating_the_tokenizer_files_twice_writes_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write(tmp_path)
    for name in ("vocab.json", "merges.txt"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()

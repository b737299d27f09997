"""Prompts to tokens to hidden states."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import BadSetting
from core.models.parts import Parts
from core.text.encode import chunks, encode
from core.text.tokenizer import load_tokenizer

PartsOf = Callable[..., Parts]
TEXTS = [
    "a red fox in the snow",
    "",
    "  two   blanks\tand\nlines ",
    "don't, it's we've I'll; 1234 $5.60!",
    "Zażółć GĘŚLĄ jaźń",
    "狐と雪 🦊🦊",
    "e\u0301 and é",
    "<|endoftext|> and <|startoftext|>",
    "!",
    "a! b!!",
]


@pytest.fixture(scope="module")
def theirs(model_folder: Callable[[str], Path]) -> Callable[[str], Any]:
    """Return transformers' tokenizer over the same files."""
    from transformers import CLIPTokenizer

    made = {name: CLIPTokenizer.from_pretrained(model_folder(name) / "tokenizer") for name in ("sd1", "sd2")}
    return made.__getitem__


@pytest.mark.parametrize("recipe", ["sd1", "sd2"])
@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_transformers(
    parts_of: PartsOf, theirs: Callable[[str], Any], recipe: str, text: str
) -> None:
    ours = parts_of(recipe).text().tokenizer
    expected = theirs(recipe)(text).input_ids
    assert [ours.start, *ours.tokens(text), ours.end] == expected
    assert ours.pad == theirs(recipe).pad_token_id


@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tokens_of_any_text_are_those_of_transformers(
    parts_of: PartsOf, theirs: Callable[[str], Any], text: str
) -> None:
    assert parts_of("sd1").text().tokenizer.tokens(text) == theirs("sd1")(text).input_ids[1:-1]


def test_one_file_holds_a_tokenizer_as_well_as_two(model_folder: Callable[[str], Path], tmp_path: Path) -> None:
    two = model_folder("sd1") / "tokenizer"
    vocabulary = json.loads((two / "vocab.json").read_text())
    merges = [line.split(" ") for line in (two / "merges.txt").read_text().splitlines()[1:]]
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary, "merges": merges}}))
    assert load_tokenizer(tmp_path).tokens(TEXTS[0]) == load_tokenizer(two).tokens(TEXTS[0])


def test_words_are_shown_as_the_vocabulary_writes_them(parts_of: PartsOf) -> None:
    tokenizer = parts_of("sd1").text().tokenizer
    assert tokenizer.words(tokenizer.tokens("The red fox")) == ["the</w>", "red</w>", "fox</w>"]


def test_a_long_prompt_takes_more_chunks_and_so_does_its_negative(parts_of: PartsOf) -> None:
    parts = parts_of("sd1")
    both = encode("fox " * 100, "cat", parts)
    assert both.positive.shape == both.negative.shape == (1, 2 * 77, 32)
    first = encode("fox " * 75, "cat", parts)
    assert first.positive.shape == (1, 77, 32)
    assert torch.equal(both.positive[:, :77], first.positive)
    assert torch.equal(both.negative[:, :77], first.negative)
    assert torch.equal(both.negative[:, 77:], encode("", "", parts).negative)


def test_no_word_is_lost_between_chunks(parts_of: PartsOf) -> None:
    tokenizer = parts_of("sd1").text().tokenizer
    words = " ".join(f"word{number}" for number in range(60))
    special = {tokenizer.start, tokenizer.end}
    cut = [token for chunk in chunks(words, tokenizer) for token in chunk.tokens if token not in special]
    assert cut == tokenizer.tokens(words)
    assert all(len(chunk.tokens) == len(chunk.weights) == 77 for chunk in chunks(words, tokenizer))


@pytest.mark.parametrize("prompt", ["(a red fox)1.0", "(a)1 (red)1.0 fox", "a (red fox)1"])
def test_a_weight_of_one_changes_no_bit(parts_of: PartsOf, prompt: str) -> None:
    parts = parts_of("sd1")
    assert torch.equal(encode(prompt, "", parts).positive, encode("a red fox", "", parts).positive)


def test_a_weight_changes_proportions_and_keeps_the_mean(parts_of: PartsOf) -> None:
    parts = parts_of("sd1")
    plain, weighted = encode("a red fox", "", parts).positive, encode("a (red)1.5 fox", "", parts).positive
    ratio = weighted / plain
    assert torch.allclose(ratio[0, 2] / ratio[0, 1], torch.tensor(1.5), rtol=1e-4)
    assert torch.allclose(weighted.mean(), plain.mean(), rtol=1e-4)


@pytest.mark.parametrize("skip", [-1, 3])
def test_layers_that_are_not_there_cannot_be_skipped(parts_of: PartsOf, skip: int) -> None:
    with pytest.raises(BadSetting, match=f"clip_skip is {skip}, and must be 0 to 2 for this model"):
        encode("a", "", parts_of("sd1"), clip_skip=skip)

"""CLIP's tokenizer, compared with that of transformers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models.components import LoadedModel
from core.text.load_tokenizer import load_tokenizer

ModelOf = Callable[..., LoadedModel]


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
    """Return transformers' tokenizer, loaded from the same files."""
    from transformers import CLIPTokenizer

    made = {name: CLIPTokenizer.from_pretrained(model_folder(name) / "tokenizer") for name in ("sd1", "sd2")}
    return made.__getitem__


@pytest.mark.parametrize("recipe", ["sd1", "sd2"])
@pytest.mark.parametrize("text", TEXTS)
def test_tokens_equal_those_of_transformers(
    model_of: ModelOf, theirs: Callable[[str], Any], recipe: str, text: str
) -> None:
    ours = model_of(recipe).text().tokenizer
    expected = theirs(recipe)(text).input_ids
    assert [*ours.prefix, *ours.tokens(text), *ours.suffix] == expected
    assert ours.pad == theirs(recipe).pad_token_id


@given(st.text(max_size=40))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tokens_of_any_string_equal_those_of_transformers(
    model_of: ModelOf, theirs: Callable[[str], Any], text: str
) -> None:
    assert model_of("sd1").text().tokenizer.tokens(text) == theirs("sd1")(text).input_ids[1:-1]


def test_a_tokenizer_in_one_file_equals_the_same_tokenizer_in_two_files(
    model_folder: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = model_folder("sd1") / "tokenizer"
    vocabulary = json.loads((folder / "vocab.json").read_text())
    merges = [line.split(" ") for line in (folder / "merges.txt").read_text().splitlines()[1:]]
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocabulary, "merges": merges}}))
    assert load_tokenizer(tmp_path).tokens(TEXTS[0]) == load_tokenizer(folder).tokens(TEXTS[0])


def test_tokens_are_spelled_as_in_the_vocabulary(model_of: ModelOf) -> None:
    tokenizer = model_of("sd1").text().tokenizer
    assert tokenizer.words(tokenizer.tokens("The red fox")) == ["the</w>", "red</w>", "fox</w>"]

"""Tokenizers other than CLIP's, compared with those of transformers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from core.errors import ModelBroken, ModelUnsupported
from core.text.load_tokenizer import load_tokenizer
from core.text.tokenizer import special_tokens

VOCABULARY = {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3, "red": 4, "fox": 5}


def write_file(folder: Path, **settings: Any) -> None:
    """Write a word-level tokenizer in a single `tokenizer.json` that adds `<s>` and `</s>` to a prompt."""
    tokenizer = Tokenizer(models.WordLevel(VOCABULARY, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(["<pad>", "<s>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=9, pad_id=0, pad_token="<pad>")
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {"tokenizer_class": "PreTrainedTokenizerFast", **settings}
    (folder / "tokenizer_config.json").write_text(json.dumps(named))


def write_vocabulary(folder: Path, **settings: Any) -> None:
    """Write a BERT tokenizer that only transformers can read."""
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "red", "fox"]))
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer", **settings}))


@pytest.mark.parametrize("write", [write_file, write_vocabulary])
@pytest.mark.parametrize("text", ["red fox red fox red", "", "a blue fox"])
def test_tokens_equal_those_of_transformers(write: Callable[..., None], text: str, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    write(tmp_path, model_max_length=12)
    ours = load_tokenizer(tmp_path, max_positions=512)
    theirs = AutoTokenizer.from_pretrained(tmp_path)
    assert [*ours.prefix, *ours.tokens(text), *ours.suffix] == theirs(text, truncation=False, padding=False).input_ids
    assert (ours.pad, ours.size, ours.limit) == (0, len(theirs), 12)
    assert ours.words(ours.tokens("red")) == ["red"]


@pytest.mark.parametrize(
    ("settings", "max_positions", "limit"),
    [
        ({"model_max_length": 512}, None, 512),
        ({"model_max_length": 512}, 40, 40),
        ({"model_max_length": 10**30}, 512, 512),
        ({"model_max_length": 10**30}, None, 77),
        ({}, None, 77),
    ],
)
def test_a_chunk_is_as_long_as_both_tokenizer_and_encoder_allow(
    settings: dict[str, int], max_positions: int | None, limit: int, tmp_path: Path
) -> None:
    write_file(tmp_path, **settings)
    assert load_tokenizer(tmp_path, max_positions=max_positions).limit == limit


@pytest.mark.parametrize(
    ("framed", "bare", "special"),
    [([1, 7, 8, 2], [7, 8], ((1,), (2,))), ([7, 1], [7], ((), (1,))), ([7], [7], ((), ())), ([9], [7], ((), ()))],
)
def test_special_tokens_are_the_ids_that_a_tokenizer_adds_to_a_prompt(
    framed: list[int], bare: list[int], special: tuple[tuple[int, ...], tuple[int, ...]]
) -> None:
    assert special_tokens(framed, bare) == special


def test_a_damaged_tokenizer_file_is_refused(tmp_path: Path) -> None:
    write_file(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": {}}')
    with pytest.raises(ModelBroken, match="its tokenizer cannot be read"):
        load_tokenizer(tmp_path)


def test_a_tokenizer_that_needs_a_missing_package_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(folder: Path) -> None:
        raise ImportError("XTokenizer requires the SentencePiece library")

    monkeypatch.setattr("core.text.load_tokenizer.load_auto_tokenizer", missing)
    write_vocabulary(tmp_path)
    with pytest.raises(ModelUnsupported, match="its tokenizer needs a package that is not installed"):
        load_tokenizer(tmp_path)

"""A model folder that a test may change, and models whose text encoder and tokenizer are not CLIP's."""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.models.card import ModelCard
from core.models.converted import ConvertedCopies
from core.models.probe import probe


@pytest.fixture
def model(model_folder: Callable[[str], Path], tmp_path: Path) -> Path:
    """Return a copy of a complete model, which a test may change or break."""
    return Path(shutil.copytree(model_folder("sd1"), tmp_path / "fox"))


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "red", "fox", "in", "the", "snow", "cat"]
WIDTH = 32  # width of the cross-attention of the tiny UNet
SIZES = {"vocab_size": 40, "hidden_size": WIDTH, "num_hidden_layers": 3, "num_attention_heads": 4}


def _write_bert(folder: Path) -> None:
    """Write a BertModel, and a tokenizer that only transformers can read: `vocab.txt`."""
    from transformers import BertConfig, BertModel

    BertModel(BertConfig(**SIZES, intermediate_size=64)).save_pretrained(folder / "text_encoder")
    (folder / "tokenizer/vocab.txt").write_text("\n".join(WORDS))
    settings = {"tokenizer_class": "BertTokenizer", "model_max_length": 24}
    (folder / "tokenizer/tokenizer_config.json").write_text(json.dumps(settings))


def _write_t5(folder: Path) -> None:
    """Write a T5EncoderModel, and a tokenizer in a single `tokenizer.json` that appends `</s>` to the text."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import T5Config, T5EncoderModel

    T5EncoderModel(T5Config(vocab_size=40, d_model=WIDTH, d_kv=8, d_ff=64, num_layers=3, num_heads=4)).save_pretrained(
        folder / "text_encoder"
    )
    tokenizer = Tokenizer(models.WordLevel({"<pad>": 0, "</s>": 1, "<unk>": 2, "red": 3, "fox": 4, "cat": 5}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.add_special_tokens(["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.save(str(folder / "tokenizer/tokenizer.json"))
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": 16,
        "pad_token": "<pad>",
        "eos_token": "</s>",
    }
    (folder / "tokenizer/tokenizer_config.json").write_text(json.dumps(settings))


def _write_masked_bert(folder: Path) -> None:
    """Write a BertForMaskedLM (its head is unused) whose config asks for an attention mask."""
    from transformers import BertConfig, BertForMaskedLM

    _write_bert(folder)
    config = BertConfig(**SIZES, intermediate_size=64, use_attention_mask=True)
    BertForMaskedLM(config).save_pretrained(folder / "text_encoder")


WRITERS = {"bert": _write_bert, "t5": _write_t5, "masked-bert": _write_masked_bert}


@pytest.fixture
def other_model(model_folder: Callable[[str], Path], tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a model whose text encoder and tokenizer are not CLIP's."""

    def write(kind: str) -> Path:
        folder = Path(shutil.copytree(model_folder("sd1"), tmp_path / kind))
        for part in ("text_encoder", "tokenizer"):
            shutil.rmtree(folder / part)
            (folder / part).mkdir()
        torch.manual_seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            WRITERS[kind](folder)
        return folder

    return write


@pytest.fixture
def copies(tmp_path: Path) -> ConvertedCopies:
    """Return copies of parts of any size, in a folder that does not exist yet."""
    return ConvertedCopies(tmp_path / "cache" / "converted", 10**9, min_bytes=1)


@pytest.fixture
def card(model: Path) -> ModelCard:
    """Return the card of a model whose files hold fp32."""
    return probe(model)

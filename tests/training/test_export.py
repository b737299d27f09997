"""The exported model: its text encoder has the names and the type with which other programs can use it."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file
from transformers import CLIPTextConfig, CLIPTextModel

from training.export import make_portable


def test_a_saved_text_encoder_is_renamed_for_transformers_4_and_still_read_by_transformers_5(tmp_path: Path) -> None:
    torch.manual_seed(0)
    shape = CLIPTextConfig(
        vocab_size=300, hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2
    )
    encoder = CLIPTextModel(shape).half().eval()
    encoder.save_pretrained(tmp_path)
    make_portable(tmp_path)
    named = load_file(tmp_path / "model.safetensors")
    assert "text_model.embeddings.token_embedding.weight" in named
    assert all(name.startswith("text_model.") and not name.startswith("text_model.text_model.") for name in named)
    assert {tensor.dtype for tensor in named.values()} == {torch.float16}
    assert json.loads((tmp_path / "config.json").read_text())["dtype"] == "float32"
    loaded = CLIPTextModel.from_pretrained(tmp_path)
    assert loaded.dtype == torch.float32
    assert all(torch.equal(tensor.float(), loaded.state_dict()[name]) for name, tensor in encoder.state_dict().items())

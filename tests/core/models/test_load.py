"""Loading networks from their weights, and refusing bad weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.devices import Device
from core.errors import ModelBroken
from core.models import load
from core.models.load import _assign, _make_empty, load_unet, load_vae, size_of
from core.models.load_text import load_text
from core.models.probe import probe

CPU = Device("cpu")


UNET = "unet/diffusion_pytorch_model.safetensors"


def test_every_weight_equals_the_one_in_the_file_and_none_is_uninitialized(model: Path) -> None:
    weights = load_file(model / UNET)
    loaded = load_unet(probe(model), CPU).state_dict()
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)


def test_loaded_networks_are_in_evaluation_mode_without_gradients(model: Path) -> None:
    for part in (load_unet(probe(model), CPU), load_vae(probe(model), CPU), load_text(probe(model), CPU).encoder):
        assert not part.training
        assert not any(weight.requires_grad for weight in part.parameters())


def test_half_precision_weights_are_loaded_in_the_requested_precision(model: Path) -> None:
    half = {name: weight.half() for name, weight in load_file(model / UNET).items()}
    save_file(half, model / "unet/diffusion_pytorch_model.fp16.safetensors")
    (model / UNET).unlink()
    assert next(load_unet(probe(model), CPU).parameters()).dtype == torch.float32
    assert next(load_unet(probe(model), Device("cpu", 0, "bf16")).parameters()).dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda w: w.pop("conv_in.weight"), "missing weights: conv_in.weight"),
        (lambda w: w.update(odd=torch.zeros(1)), "unexpected weights: odd"),
        (
            lambda w: w.update({"conv_in.bias": torch.zeros(3)}),
            "its weights do not have the shapes in its config.json",
        ),
    ],
)
def test_weights_from_another_network_are_refused(model: Path, harm: Callable[[Any], Any], words: str) -> None:
    weights = load_file(model / UNET)
    harm(weights)
    save_file(weights, model / UNET)
    with pytest.raises(ModelBroken) as caught:
        load_unet(probe(model), CPU)
    assert words in str(caught.value)


def test_an_invalid_network_config_is_refused(model: Path) -> None:
    config = json.loads((model / "unet/config.json").read_text())
    (model / "unet/config.json").write_text(json.dumps({**config, "down_block_types": ["NoSuchBlock", "DownBlock2D"]}))
    with pytest.raises(ModelBroken, match=r"its config\.json does not describe a network"):
        load_unet(probe(model), CPU)


def test_old_weight_names_are_accepted(model: Path) -> None:
    vae, text = model / "vae/diffusion_pytorch_model.safetensors", model / "text_encoder/model.safetensors"
    plain = load_vae(probe(model), CPU).state_dict(), load_text(probe(model), CPU).encoder.state_dict()
    older = {".to_q.": ".query.", ".to_k.": ".key.", ".to_v.": ".value.", ".to_out.0.": ".proj_attn."}
    weights = load_file(vae)
    for new, old in older.items():
        weights = {name.replace(new, old): weight for name, weight in weights.items()}
    save_file(weights, vae)
    words = {"text_model." + name.removeprefix("text_model."): weight for name, weight in load_file(text).items()}
    save_file({**words, "text_model.embeddings.position_ids": torch.arange(77)[None]}, text)
    again = load_vae(probe(model), CPU).state_dict(), load_text(probe(model), CPU).encoder.state_dict()
    for before, after in zip(plain, again, strict=True):
        assert all(torch.equal(before[name], after[name]) for name in before)


def test_a_weight_with_a_newline_in_its_name_is_refused(model: Path) -> None:
    path = model / "vae" / "diffusion_pytorch_model.safetensors"
    weights = load_file(path)
    first, *_ = weights
    save_file({f"{first}\nx" if name == first else name: weight for name, weight in weights.items()}, path)
    with pytest.raises(ModelBroken, match=r"it has a tensor with an invalid name: .*\\nx"):
        load_vae(probe(model), CPU)


def test_the_reported_memory_is_that_of_the_weights_unless_they_are_mapped_from_a_file(model: Path) -> None:
    card = probe(model)
    converted, mapped = (
        sum(size_of(part) for part in (load_unet(card, device), load_vae(card, device), load_text(card, device)))
        for device in (Device("cpu", 0, "bf16"), CPU)
    )
    headers = sum(8 + int.from_bytes(path.read_bytes()[:8], "little") for path in card.files)
    assert converted == (card.size_bytes - headers) // 2  # the file holds fp32
    assert mapped == 0


def test_only_parameters_are_created_without_memory() -> None:
    """A buffer or attribute that no file holds keeps its value, unlike on torch's meta device."""

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(2, 2)
            self.register_buffer("places", torch.arange(3), persistent=False)
            self.angles = torch.ones(2)

    module = _make_empty(Path("folder"), Network)
    assert all(weight.is_meta for weight in module.parameters())
    assert module.places.tolist() == [0, 1, 2]
    assert module.angles.tolist() == [1, 1]


def test_a_tensor_that_still_has_no_memory_after_loading_is_refused() -> None:
    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = torch.nn.Linear(2, 2)
            self.angles = torch.ones(2, device="meta")

    module = _make_empty(Path("folder"), Network)
    with pytest.raises(ModelBroken, match="missing values: angles"):
        _assign(module, torch.nn.Linear(2, 2).state_dict(prefix="linear."), Path("folder"))


def test_a_file_that_is_read_in_pieces_holds_the_same_weights(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = probe(model)
    whole = load_unet(card, Device("cpu", 0, "bf16")).state_dict()
    monkeypatch.setattr(load, "PIECE_BYTES", 1000)
    in_pieces = load_unet(card, Device("cpu", 0, "bf16")).state_dict()
    assert whole.keys() == in_pieces.keys()
    assert all(torch.equal(tensor, in_pieces[name]) for name, tensor in whole.items())

"""Loading parts: what is kept, what is let go, and what a network says of weights that are not its own."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.devices import Device
from core.errors import ModelBroken
from core.models.components import LoadedModel
from core.models.load import load_text, load_unet, load_vae, size_of
from core.models.memory import ModelMemory
from core.models.probe import ModelCard, probe

CPU = Device("cpu")
UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def model(model_folder: Callable[[str], Path], tmp_path: Path) -> Path:
    """Return a copy of a whole model that a test may change."""
    return Path(shutil.copytree(model_folder("sd1"), tmp_path / "fox"))


def test_every_weight_is_the_files_and_none_is_left_empty(model: Path) -> None:
    weights = load_file(model / UNET)
    loaded = load_unet(probe(model), CPU).state_dict()
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)


def test_parts_come_ready_to_use_and_not_to_train(model: Path) -> None:
    for part in (load_unet(probe(model), CPU), load_vae(probe(model), CPU), load_text(probe(model), CPU).encoder):
        assert not part.training
        assert not any(weight.requires_grad for weight in part.parameters())


def test_half_weights_are_loaded_in_the_precision_asked_for(model: Path) -> None:
    half = {name: weight.half() for name, weight in load_file(model / UNET).items()}
    save_file(half, model / "unet/diffusion_pytorch_model.fp16.safetensors")
    (model / UNET).unlink()
    assert next(load_unet(probe(model), CPU).parameters()).dtype == torch.float32
    assert next(load_unet(probe(model), Device("cpu", 0, "bf16")).parameters()).dtype == torch.bfloat16


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda w: w.pop("conv_in.weight"), "1 of its weights are missing, the first is conv_in.weight"),
        (lambda w: w.update(odd=torch.zeros(1)), "1 of its weights belong to another network, the first is odd"),
        (
            lambda w: w.update({"conv_in.bias": torch.zeros(3)}),
            "its weights have other shapes than its config.json says",
        ),
    ],
)
def test_weights_of_another_network_are_refused(model: Path, harm: Callable[[Any], Any], words: str) -> None:
    weights = load_file(model / UNET)
    harm(weights)
    save_file(weights, model / UNET)
    with pytest.raises(ModelBroken) as caught:
        load_unet(probe(model), CPU)
    assert words in str(caught.value)


def test_a_config_that_describes_no_network_is_refused(model: Path) -> None:
    config = json.loads((model / "unet/config.json").read_text())
    (model / "unet/config.json").write_text(json.dumps({**config, "down_block_types": ["NoSuchBlock", "DownBlock2D"]}))
    with pytest.raises(ModelBroken, match=r"its config\.json describes no such network"):
        load_unet(probe(model), CPU)


def test_an_unreadable_tokenizer_is_refused(model: Path) -> None:
    (model / "tokenizer/merges.txt").write_text("one two three\n")
    with pytest.raises(ModelBroken, match="its tokenizer cannot be read"):
        load_text(probe(model), CPU)


def test_a_tokenizer_of_more_words_than_the_encoder_knows_is_refused(model: Path) -> None:
    words = json.loads((model / "tokenizer/vocab.json").read_text())
    (model / "tokenizer/vocab.json").write_text(json.dumps({**words, "one-too-many": len(words)}))
    with pytest.raises(ModelBroken, match=f"its tokenizer has {len(words) + 1} words, its text encoder {len(words)}"):
        load_text(probe(model), CPU)


def test_older_names_of_weights_are_understood(model: Path) -> None:
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


def test_a_part_is_loaded_once_and_tells_when(model: Path) -> None:
    told: list[tuple[str, str, bool]] = []
    memory = ModelMemory(on_load=lambda card, part, done: told.append((card.name, part, done)))
    parts = LoadedModel(probe(model), CPU, memory)
    assert parts.unet() is parts.unet()
    assert told == [("fox", "unet", False), ("fox", "unet", True)]


def _stored(memory: ModelMemory, card: ModelCard, name: str, size: int) -> object:
    return memory.get(card, name, CPU, load=lambda *_: object(), size=lambda _: size)


def test_what_was_used_longest_ago_goes_first(model: Path) -> None:
    memory, card = ModelMemory(limit_bytes=100), probe(model)
    for name in ("a", "b"):
        _stored(memory, card, name, 40)
    _stored(memory, card, "a", 40)
    _stored(memory, card, "c", 40)
    assert [name for _, name in memory.held()] == ["a", "c"]
    assert memory.used_bytes == 80


def test_a_part_above_the_limit_is_held_alone(model: Path) -> None:
    memory, card = ModelMemory(limit_bytes=100), probe(model)
    _stored(memory, card, "small", 10)
    _stored(memory, card, "huge", 1000)
    assert [name for _, name in memory.held()] == ["huge"]
    memory.clear()
    assert memory.used_bytes == 0


def test_threads_that_want_one_part_get_one_part(model: Path) -> None:
    memory, card = ModelMemory(), probe(model)
    loads: list[int] = []
    found: list[object] = []

    def load(*_: object) -> object:
        loads.append(1)
        return object()

    def want() -> None:
        found.append(memory.get(card, "unet", CPU, load=load, size=lambda _: 1))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
    assert len(set(map(id, found))) == 1


def test_sizes_are_those_of_the_weights(model: Path) -> None:
    card = probe(model)
    sizes = sum(size_of(part) for part in (load_unet(card, CPU), load_vae(card, CPU), load_text(card, CPU)))
    headers = sum(8 + int.from_bytes(path.read_bytes()[:8], "little") for path in card.files)
    assert sizes == card.size_bytes - headers

"""The cache of loaded model parts and its size limit."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core import available_memory
from core.available_memory import Share
from core.devices import Device
from core.errors import Cancelled
from core.models import budgets
from core.models.budgets import Budgets
from core.models.card import ModelCard
from core.models.components import LoadedModel
from core.models.memory import ModelMemory
from core.models.probe import probe

CPU = Device("cpu")


def test_a_model_part_is_loaded_once_and_the_load_is_reported(model: Path) -> None:
    reported: list[tuple[str, str, bool]] = []
    memory = ModelMemory(on_load=lambda card, part, done: reported.append((card.name, part, done)))
    parts = LoadedModel(probe(model), CPU, memory)
    assert parts.unet() is parts.unet()
    assert reported == [("fox", "unet", False), ("fox", "unet", True)]


def test_a_part_is_loaded_again_after_its_file_was_replaced(model: Path) -> None:
    memory = ModelMemory()
    file = next((model / "unet").glob("*.safetensors"))
    first = LoadedModel(probe(model), CPU, memory).unet().conv_in.weight
    negated = {name: -each for name, each in load_file(file).items()}
    save_file(negated, file.with_suffix(".new"))
    file.with_suffix(".new").replace(file)
    second = LoadedModel(probe(model), CPU, memory).unet().conv_in.weight
    assert torch.equal(second, -first)
    assert len(memory.held()) == 1


def _stored(memory: ModelMemory, card: ModelCard, name: str, size: int) -> object:
    return memory.get(card, name, CPU, load=lambda *_: object(), size=lambda _: size)


def test_the_least_recently_used_model_part_is_evicted_first(model: Path) -> None:
    memory, card = ModelMemory(Budgets(ram=100)), probe(model)
    for name in ("a", "b"):
        _stored(memory, card, name, 40)
    _stored(memory, card, "a", 40)
    _stored(memory, card, "c", 40)
    assert [name for _, name in memory.held()] == ["a", "c"]
    assert memory.used_bytes == 80


def test_a_model_part_larger_than_the_limit_is_cached_alone(model: Path) -> None:
    memory, card = ModelMemory(Budgets(ram=100)), probe(model)
    _stored(memory, card, "small", 10)
    _stored(memory, card, "huge", 1000)
    assert [name for _, name in memory.held()] == ["huge"]
    memory.clear()
    assert memory.used_bytes == 0


def test_threads_that_request_the_same_model_part_share_it(model: Path) -> None:
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


def test_mapped_parts_do_not_count_and_are_not_evicted(model: Path) -> None:
    memory, card = ModelMemory(Budgets(ram=100)), probe(model)
    for name, size in (("mapped", 0), ("a", 60), ("b", 60)):
        _stored(memory, card, name, size)
    assert [name for _, name in memory.held()] == ["mapped", "b"]


def test_the_budget_of_one_device_does_not_evict_parts_on_another(model: Path) -> None:
    memory, card = ModelMemory(Budgets(ram=100, vram=50)), probe(model)
    for device in (CPU, Device("cuda", 0), Device("cuda", 1)):
        for name in ("a", "b"):
            memory.get(card, name, device, load=lambda *_: object(), size=lambda _: 40)
    assert [name for _, name in memory.held()] == ["a", "b", "b", "b"]


@pytest.mark.parametrize(("missing", "there"), [(0, ["text_encoder"]), (1, [])])
def test_room_on_a_graphics_card_is_made_before_a_part_is_loaded(model: Path, missing: int, there: list[str]) -> None:
    card, gpu = probe(model), Device("cuda")
    memory = ModelMemory(Budgets(vram=card.part("unet").size_bytes + 60 - missing))
    memory.get(card, "text_encoder", gpu, load=lambda *_: object(), size=lambda _: 60)
    found = memory.get(card, "unet", gpu, load=lambda *_: memory.held(), size=lambda _: 1)
    assert [name for _, name in found] == there


def test_parts_are_released_after_they_have_been_idle_unless_they_are_mapped(model: Path) -> None:
    now = 0.0
    memory, card = ModelMemory(clock=lambda: now), probe(model)
    for name, size in (("mapped", 0), ("a", 60), ("b", 60)):
        _stored(memory, card, name, size)
    now = 400.0
    _stored(memory, card, "b", 60)
    now = 600.0
    assert not memory.release_idle(601)
    assert memory.release_idle(600)
    assert [name for _, name in memory.held()] == ["mapped", "b"]


def test_the_budgets_are_shares_of_what_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "available_ram", lambda: 10 * 10**9)
    monkeypatch.setattr(budgets, "available_vram", lambda device: 8 * 10**9)
    gpu, apple = Device("cuda", 1), Device("mps")
    assert [Budgets().limit(device, 0) for device in (CPU, apple, gpu)] == [6 * 10**9, 6 * 10**9, 5 * 10**9]
    assert [Budgets().limit(device, 10**9) for device in (CPU, gpu)] == [6_600_000_000, 6 * 10**9]
    assert [Budgets(1, 2).limit(device, 10**9) for device in (CPU, apple, gpu)] == [1, 1, 2]
    monkeypatch.setattr(budgets, "available_ram", lambda: None)
    assert Budgets().limit(CPU, 0) == 8 * 2**30


def test_several_processes_divide_the_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "available_ram", lambda: 10 * 10**9)
    monkeypatch.setattr(budgets, "available_vram", lambda device: 8 * 10**9)
    monkeypatch.setattr(available_memory, "total_vram", lambda device: 12 * 10**9)
    gpu, apple, share = Device("cuda", 1), Device("mps"), Share(4, 2, 2 * 10**9)
    assert [Budgets(share=share).limit(each, 0) for each in (CPU, apple, gpu)] == [1_200_000_000] * 2 + [3 * 10**9]
    assert [Budgets(8, 6, share).limit(each, 0) for each in (CPU, apple, gpu)] == [2, 2, 3]
    monkeypatch.setattr(budgets, "available_ram", lambda: 10**9)
    monkeypatch.setattr(budgets, "available_vram", lambda device: 4 * 10**9)
    assert [Budgets(share=share).limit(each, 0) for each in (CPU, gpu)] == [600_000_000, 10**9]
    monkeypatch.setattr(budgets, "available_ram", lambda: None)
    assert Budgets(share=share).limit(CPU, 0) == 2 * 2**30


def test_a_part_whose_weights_are_nearly_all_mapped_is_kept(model: Path) -> None:
    memory, card = ModelMemory(Budgets(ram=100)), probe(model)
    for name, size in (("a", 90), ("b", 91)):
        memory.get(card, name, CPU, load=lambda *_: object(), size=lambda _, size=size: size, weights=lambda _: 900)  # type: ignore[misc]
    assert [name for _, name in memory.held()] == ["a", "b"]
    memory.release_idle(0)
    assert [name for _, name in memory.held()] == ["a"]


def test_what_other_models_hold_is_the_size_of_their_weights_even_if_they_are_mapped(model: Path) -> None:
    memory, card = ModelMemory(), probe(model)
    other = replace(card, parts={name: replace(part, prefix="x.") for name, part in card.parts.items()})
    for each, weights in ((card, 100), (other, 7)):
        for name in ("unet", "vae"):
            memory.get(each, name, CPU, load=lambda *_: object(), size=lambda _: 0, weights=lambda _, n=weights: n)  # type: ignore[misc]
    assert (memory.held_besides(card), memory.held_besides(other)) == (14, 200)
    assert memory.used_bytes == 0


def test_a_run_that_waits_while_another_one_loads_a_part_can_be_cancelled(model: Path) -> None:
    memory, card = ModelMemory(), probe(model)
    begun, may_end, asked = threading.Event(), threading.Event(), list[bool]()

    def slow(*_: object) -> object:
        begun.set()
        may_end.wait(60)
        return "slow"

    def is_cancelled() -> bool:
        asked.append(True)
        return len(asked) > 1

    loader = threading.Thread(target=lambda: memory.get(card, "unet", CPU, load=slow, size=lambda _: 1))
    loader.start()
    assert begun.wait(60)
    with pytest.raises(Cancelled):
        memory.get(card, "vae", CPU, load=lambda *_: "vae", size=lambda _: 1, cancelled=is_cancelled)
    assert len(asked) == 2
    may_end.set()
    loader.join()
    assert [name for _, name in memory.held()] == ["unet"]


def test_what_is_loaded_is_known_while_a_part_is_being_loaded(model: Path) -> None:
    memory, card = ModelMemory(), probe(model)
    _stored(memory, card, "vae", 7)
    seen: list[object] = []

    def load(*_: object) -> object:
        reader = threading.Thread(target=lambda: seen.append((memory.used_bytes, _stored(memory, card, "vae", 7))))
        reader.start()
        reader.join(60)
        return "unet"

    memory.get(card, "unet", CPU, load=load, size=lambda _: 1)
    assert [size for size, _ in seen] == [7]

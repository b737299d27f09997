"""The cache of loaded model parts and its size limit."""

from __future__ import annotations

import threading
from pathlib import Path

from core.devices import Device
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


def _stored(memory: ModelMemory, card: ModelCard, name: str, size: int) -> object:
    return memory.get(card, name, CPU, load=lambda *_: object(), size=lambda _: size)


def test_the_least_recently_used_model_part_is_evicted_first(model: Path) -> None:
    memory, card = ModelMemory(limit_bytes=100), probe(model)
    for name in ("a", "b"):
        _stored(memory, card, name, 40)
    _stored(memory, card, "a", 40)
    _stored(memory, card, "c", 40)
    assert [name for _, name in memory.held()] == ["a", "c"]
    assert memory.used_bytes == 80


def test_a_model_part_larger_than_the_limit_is_cached_alone(model: Path) -> None:
    memory, card = ModelMemory(limit_bytes=100), probe(model)
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

"""Services that several threads use first at the same time are created once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from invocations.local import LocalServices, LocalSettings
from invocations.shared_property import shared_property

WAIT_S = 60.0
SERVICES = ("files", "headers", "images", "tensors", "models", "generation", "enhancement")


class Slow:
    """Counts how often its property is computed, which takes until other threads ask for it, too."""

    def __init__(self) -> None:
        self.computed = 0
        self.fails = False
        self.asked = threading.Barrier(8)

    @shared_property
    def first(self) -> object:
        """What is computed."""
        self.computed += 1
        if self.fails:
            raise ValueError("no")
        return object()

    @shared_property
    def second(self) -> object:
        return self.first

    def value(self, _: int) -> object:
        self.asked.wait(WAIT_S)
        return self.second


def test_a_shared_property_is_computed_once_for_all_threads() -> None:
    for _ in range(20):
        slow = Slow()
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(slow.value, range(8)))
        assert {*map(id, found)} == {id(slow.first)}
        assert slow.computed == 1
        assert "first" in slow.__dict__


def test_each_object_has_its_own_value_and_a_failure_is_not_kept() -> None:
    one, other = Slow(), Slow()
    assert one.first is not other.first
    third = Slow()
    third.fails = True
    with pytest.raises(ValueError, match="no"):
        _ = third.first
    third.fails = False
    assert third.first is third.second
    assert third.computed == 2
    assert Slow.first.__doc__ == "What is computed."


def test_services_are_the_same_for_all_threads_that_use_them_first(tmp_path: Path) -> None:
    services = LocalServices(LocalSettings(tmp_path / "data", tmp_path / "cache", tmp_path / "out", device="cpu"))
    together = threading.Barrier(8)

    def use(number: int) -> list[int]:
        together.wait(WAIT_S)
        return [id(getattr(services, name)) for name in (*SERVICES[number % 7 :], *SERVICES[: number % 7])]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(use, range(8)))
    assert len({id_ for each in found for id_ in each}) == len(SERVICES)


def test_prepared_services_are_all_there_and_nothing_is_written(tmp_path: Path) -> None:
    services = LocalServices(LocalSettings(tmp_path / "data", tmp_path / "cache", tmp_path / "out", device="cpu"))
    services.prepare()
    assert set(SERVICES) <= services.__dict__.keys()
    assert list(tmp_path.iterdir()) == []
    services.close()

"""A network is changed once, however many threads use it first, and none of them uses it half changed."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.prepared_networks import lock_of, prepare_once


class Network:
    """A network whose change takes a while."""


def test_threads_wait_until_a_network_is_changed_completely() -> None:
    network, changes, together = Network(), list[int](), threading.Barrier(8)

    def change() -> None:
        for step in range(1000):
            changes.append(step)

    def use(_: int) -> int:
        together.wait(60)
        prepare_once(network, "changed", change)
        return len(changes)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(use, range(8))) == [1000] * 8
    prepare_once(network, "changed", change)
    assert len(changes) == 1000


def test_a_change_that_failed_is_tried_again() -> None:
    network = Network()

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        prepare_once(network, "changed", fail)
    assert "changed" not in vars(network)
    prepare_once(network, "changed", lambda: None)
    assert "changed" in vars(network)


def test_each_network_has_one_lock() -> None:
    one, other = Network(), Network()
    with ThreadPoolExecutor(8) as threads:
        assert len({*map(id, threads.map(lambda _: lock_of(one), range(100)))}) == 1
    assert lock_of(other) is not lock_of(one)

"""The slots of a coordinator: where items run, one at a time in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from invocations.frozen import frozen
from invocations.invoker import Invoker


@frozen
class QueueSlot:
    """A place where items run.

    name: shown with the items that run there. how: arguments of `Invoker.run` that only this slot uses, such as its
    workers. close: called when the coordinator has ended.
    """

    name: str
    how: Mapping[str, Any] = field(default_factory=dict)
    close: Callable[[], None] = lambda: None


@frozen
class SlotInfo:
    """What a slot does. state: idle, running or stopped. device: such as `cpu` or `cuda:0`, "" if no node has run in a
    worker yet. model: the model that it loaded last, or "".
    """

    name: str
    device: str
    state: str
    item: str = ""
    session: str = ""
    model: str = ""


def slots_of(invoker: Invoker, *, in_process: bool = False) -> list[QueueSlot]:
    """Return a slot for each worker process of an invoker, or one whose nodes run in this process.

    in_process: whether nodes run in this process even if the invoker can start worker processes
    """
    workers = () if in_process else invoker.workers_for_runs()
    slots = [QueueSlot(f"w{number}", {"workers": each}, each.close) for number, each in enumerate(workers, 1)]
    return slots or [QueueSlot("w1")]

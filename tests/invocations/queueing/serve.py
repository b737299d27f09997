"""A program that runs the queue in a file: `python -m tests.invocations.queueing.serve FILE [held]`.

With `held`, the node `slow` waits for ever. Prints `run ITEM` and `end ITEM` for each item, and ends when none is left.
"""

from __future__ import annotations

import sys
from pathlib import Path

from invocations.queueing.base import RUNNING, WAITING, ItemFilter, QueueItem
from invocations.queueing.coordinator import Coordinator
from invocations.queueing.slot import QueueSlot
from invocations.storing.local import LocalStore
from tests.invocations.bench import make_invoker
from tests.invocations.kitchen import RELEASED


def tell(item: QueueItem) -> None:
    if item.state != WAITING:
        print("run" if item.state == RUNNING else "end", item.id, flush=True)


def main(file: str, *words: str) -> None:
    if words:
        RELEASED.clear()
    invoker = make_invoker(LocalStore(Path(file)))
    coordinator = Coordinator(invoker, slots=[QueueSlot("w1"), QueueSlot("w2")], on_item=tell)
    coordinator.start()
    for item in coordinator.items(ItemFilter((WAITING, RUNNING))):
        coordinator.wait(item.id)
    coordinator.shutdown()
    invoker.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Run the same work in several threads or processes that start together."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any


def forked_at_once(count: int, work: Callable[[int], object]) -> list[int]:
    """Run `work(number)` in this many forked processes that all start together; return their exit statuses."""
    go, start = os.pipe()
    children = []
    for number in range(count):
        child = os.fork()
        if not child:
            status = 1
            try:
                os.close(start)
                os.read(go, 1)  # blocks until the parent process closes the pipe
                work(number)
                status = 0
            finally:
                os._exit(status)
        children.append(child)
    os.close(go)
    os.close(start)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


def threaded_at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run `work(number)` in this many threads that all start together; return the results, or raise an error."""
    together = Barrier(count)

    def begin(number: int) -> Any:
        together.wait()
        return work(number)

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(begin, range(count)))

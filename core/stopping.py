"""Cancel long work: at the next piece, at the next block of a network, or by abandoning the thread in which it runs.

Each function that may take long has a parameter `cancelled`: a function that returns True once the result is no longer
wanted. Work that consists of pieces calls it between two pieces. Work that cannot be divided, such as an import or a
blocking read, runs in a separate thread; once it is cancelled, nobody waits for this thread, and its result is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from .errors import Cancelled

if TYPE_CHECKING:
    from threading import Lock

    from torch import nn

IsCancelled = Callable[[], bool]
BACKGROUND: Final = "background"  # the name of the threads that `in_background` starts
POLL_S: Final = 0.2  # after Ctrl-C, nobody notices such a delay

T = TypeVar("T")


def never() -> bool:
    """Return False: the work is always wanted."""
    return False


def check(cancelled: IsCancelled) -> None:
    """Raise Cancelled if the result is no longer wanted."""
    if cancelled():
        raise Cancelled


@contextmanager
def acquired(lock: Lock, cancelled: IsCancelled) -> Iterator[None]:
    """Hold a lock; once `cancelled` returns True, stop waiting for it. Raises: Cancelled."""
    while not lock.acquire(timeout=-1 if cancelled is never else POLL_S):
        check(cancelled)
    try:
        yield
    finally:
        lock.release()


def in_background(work: Callable[[], T], cancelled: IsCancelled) -> T:
    """Do work in a thread of its own and return its result; once `cancelled` returns True, stop waiting for it.

    Work that is always wanted is done in this thread. Raises: Cancelled; whatever the work raises.
    """
    if cancelled is never:
        return work()
    check(cancelled)
    task = _Task(work)
    threading.Thread(target=copy_context().run, args=(task.do,), name=BACKGROUND, daemon=True).start()
    while not task.is_done.wait(POLL_S):
        if cancelled():
            raise Cancelled
    return task.result()


class _Task(Generic[T]):
    """Work that is done in another thread."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None
        self.is_done = threading.Event()

    def do(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # raised again in the thread that waits for the result
            self._error = error
        self.is_done.set()

    def result(self) -> T:
        """Return the result. Raises: whatever the work has raised."""
        error, self._error = self._error, None
        try:
            if error is not None:
                raise error
            return self._results.pop()
        finally:
            del error  # otherwise the error and its traceback would refer to each other and keep files open


@contextmanager
def stoppable(network: Any, cancelled: IsCancelled) -> Iterator[None]:
    """Return a context in which a network raises Cancelled before its next block once `cancelled` returns True.

    This only concerns the current thread; other threads that use the same network at the same time are not stopped.
    """
    thread = threading.get_ident()

    def before(*_: Any) -> None:
        if cancelled() and threading.get_ident() == thread:
            raise Cancelled

    blocks = [] if cancelled is never else _blocks(network)
    hooks = [block.register_forward_pre_hook(before) for block in blocks]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _blocks(network: Any) -> list[nn.Module]:
    """Return the members of all `ModuleList`s in a network, which are the blocks that it runs one after another."""
    lists = [each for each in network.modules() if type(each).__name__ == "ModuleList"]
    return list(dict.fromkeys([member for each in lists for member in each.children()]))

"""The requests that wait for images, by task id, so that their progress can be asked for and they can be cancelled."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from invokeai_web.compat.generation import Generation, GenerationProgress, Generations

REMEMBERED: Final = 100  # tasks that have ended


class SdTasks:
    """The tasks of one server process."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations
        self._lock = threading.Lock()
        self._tasks: OrderedDict[str, Generation] = OrderedDict()
        self._ended: set[str] = set()

    def add(self, made: Generation, wanted: str = "") -> str:
        """Remember a task and return its id: the one that the client wants, or a new one."""
        task = wanted or f"task({secrets.token_hex(8)})"
        with self._lock:
            self._tasks[task] = made
            self._ended.discard(task)
            while len(self._tasks) > REMEMBERED and (old := next(iter(self._tasks))) in self._ended:
                del self._tasks[old]
                self._ended.discard(old)
        return task

    def end(self, task: str) -> None:
        """Note that a task has ended."""
        with self._lock:
            self._ended.add(task)

    def interrupt(self, task: str = "") -> None:
        """Cancel a task, or all of them, as AUTOMATIC1111 does without an id."""
        for name, made in self._chosen(task):
            if name not in self._ended:
                self._generations.cancel(made)

    def progress(self, task: str = "") -> dict[str, Any]:
        """Return the progress of a task, or of the one that began first and has not ended."""
        chosen = self._chosen(task)
        running = [(name, made) for name, made in chosen if name not in self._ended]
        if not running:
            return _row(1.0 if task and chosen else 0.0)
        name, made = running[0]
        found = self._generations.progress(made)
        waiting = sum(len(each.items) for _, each in running) - found.finished
        return _row(found.part, found, name, made.started, waiting)

    def _chosen(self, task: str) -> list[tuple[str, Generation]]:
        with self._lock:
            return [(name, made) for name, made in self._tasks.items() if task in ("", name)]


def _row(
    part: float, found: GenerationProgress | None = None, task: str = "", started: float = 0.0, waiting: int = 0
) -> dict[str, Any]:
    """Return progress in the form of AUTOMATIC1111; seconds are estimated from those that have passed."""
    passed = time.time() - started if started else 0.0
    stamp = time.strftime("%Y%m%d%H%M%S", time.localtime(started)) if started else "0"
    return {
        "progress": round(part, 4),
        "eta_relative": round(passed * (1 - part) / part, 1) if part and found is not None else 0.0,
        "state": {
            "skipped": False,
            "interrupted": False,
            "stopping_generation": False,
            "job": task,
            "job_count": waiting,
            "job_timestamp": stamp,
            "job_no": found.finished if found is not None else 0,
            "sampling_step": found.step if found is not None else 0,
            "sampling_steps": found.steps if found is not None else 0,
        },
        "current_image": None,
        "textinfo": None,
        "current_task": task or None,
    }

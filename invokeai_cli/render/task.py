"""A running task, as progress tracks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .total import LoopTotal

SILENCE_S = 10.0  # seconds until a line reports that a task is still running; doubles each time


@dataclass(slots=True, eq=False)
class Task:
    """A running task; `began` is in seconds of the clock."""

    label: str
    began: float
    step: tuple[int, int] = 0, 0  # finished, of so many; (0, 0): it does not count steps
    announced: int = -1  # tenths, off a terminal
    silence: float = SILENCE_S
    loop: LoopTotal | None = None  # the loop whose current run it is

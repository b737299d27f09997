"""One thing that runs, as progress keeps it."""

from __future__ import annotations

from dataclasses import dataclass

SILENCE_S = 10.0  # after which a line says that a task still runs; the pause doubles each time


@dataclass(slots=True, eq=False)
class Task:
    """One thing that runs; `began` in seconds of the clock."""

    label: str
    began: float
    step: tuple[int, int] = 0, 0  # finished, of so many; (0, 0): it does not count steps
    announced: int = -1  # tenths, off a terminal
    silence: float = SILENCE_S

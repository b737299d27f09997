"""A running task whose progress is shown in a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.frozen import mutable

if TYPE_CHECKING:
    from workflows.total_progress import LoopTotal

SILENCE_S = 10.0  # without a terminal, seconds until a task is reported as still running; doubled after each report


@mutable
class Task:
    """A running task; `began` is the time of its start, in seconds."""

    label: str
    began: float
    step: tuple[int, int] = 0, 0  # number of finished steps and of all steps; (0, 0) if the task does not count steps
    announced: int = -1  # the last tenth of the progress that was reported without a terminal
    silence: float = SILENCE_S
    loop: LoopTotal | None = None  # the loop that this task is an iteration of

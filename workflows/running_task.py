"""A task in progress, such as a node that runs or a model that is loaded, as a row of a live display shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.frozen import mutable

if TYPE_CHECKING:
    from .total_progress import LoopTotal

SILENCE_S = 10.0  # without a terminal, seconds until a task is reported as still running; doubled after each report


@mutable
class Task:
    """A task in progress; `began` is the time of its start, in seconds."""

    name: str
    began: float
    step: tuple[int, int] = 0, 0  # number of finished steps and of all steps; (0, 0) if the task does not count steps
    announced: int = -1  # the last tenth of the progress that was reported without a terminal
    silence: float = SILENCE_S
    loop: LoopTotal | None = None  # the loop that this task is an iteration of
    owner: str = ""  # the worker whose task it is, if there are several

    @property
    def label(self) -> str:
        """The name of the task, after the name of its worker."""
        return f"{self.owner} {self.name}" if self.owner else self.name

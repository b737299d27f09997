"""What every renderer is told, in the order things happen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workflows.problems import Problem

from .answer import Answer

if TYPE_CHECKING:
    from workflows.results import Result
    from workflows.scripts.tally import Tally


@dataclass(frozen=True, slots=True)
class LineStarted:
    """A line that was planned and joined its session: what it says, and the seeds that were drawn for it."""

    line: str
    source: str  # file:line, "" for a typed line
    session: str
    seeds: tuple[tuple[str, int], ...] = ()  # (node, seed)
    nodes: int = 0
    slow: bool = False  # a model is needed
    results: tuple[tuple[str, str], ...] = ()  # (node, output) of what it gives
    by_reference: bool = False  # what it gives holds references
    binary: bool = False  # it writes a picture's bytes to standard output


class Renderer(ABC):
    """Turns what happens into output; one for a whole run of the program."""

    def loading(self) -> None:  # noqa: B027
        """A line is right, and what it needs is being loaded."""

    def line_started(self, started: LineStarted) -> None:  # noqa: B027 - most renderers say nothing
        """A line begins to run."""

    @abstractmethod
    def event(self, event: Any) -> None:
        """Something happened (an event of `invocations.events`)."""

    def still_running(self) -> None:  # noqa: B027
        """Nothing has happened for a while, and a node is at work."""

    @abstractmethod
    def results(self, results: Sequence[Result]) -> None:
        """A line is done."""

    @abstractmethod
    def answer(self, answer: Answer) -> None:
        """A directive has answered."""

    @abstractmethod
    def problems(self, problems: Sequence[Problem]) -> None:
        """A line was refused, or a node failed."""

    @abstractmethod
    def warning(self, text: str) -> None:
        """Something is not as it should be, and the work goes on."""

    def upstream_empty(self) -> None:  # noqa: B027
        """What is before us in a pipe has no result, and so have we."""

    def note(self, text: str) -> None:  # noqa: B027
        """Something is worth knowing."""

    def script_started(self, tally: Tally) -> None:  # noqa: B027
        """A planned script begins to run."""

    def script_advanced(self, tally: Tally) -> None:  # noqa: B027
        """A line of it is over."""

    def script_finished(self, tally: Tally) -> None:  # noqa: B027
        """Nothing more of it is run."""

    def release(self) -> None:  # noqa: B027
        """The program ends at once, whatever runs: leave the terminal in order."""

    def close(self, status: int) -> None:  # noqa: B027
        """The program ends with this status."""

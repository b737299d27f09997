"""The interface of renderers: their methods in the order in which things happen."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen
from workflows.problems import Problem

from .answer import Answer

if TYPE_CHECKING:
    from workflows.results import Result
    from workflows.tally import Tally


@frozen
class LineStarted:
    """A planned line that was added to its session and starts to run."""

    line: str
    source: str  # file:line, "" for a typed line
    session: str
    seeds: tuple[tuple[str, int], ...] = ()  # (node, seed)
    nodes: int = 0
    slow: bool = False  # a model is needed
    results: tuple[tuple[str, str], ...] = ()  # (node, output)
    by_reference: bool = False  # its results are references: images, latents ...
    binary: bool = False  # it writes an image's bytes to standard output


class Renderer(ABC):
    """Turns events into output; one for a whole run of the program."""

    def loading(self) -> None:  # noqa: B027
        """The line is valid; dependencies are loading."""

    def line_started(self, started: LineStarted) -> None:  # noqa: B027 - most renderers say nothing
        """A line starts to run."""

    @abstractmethod
    def event(self, event: Any) -> None:
        """Something happened (an event of `invocations.events`)."""

    def still_running(self) -> None:  # noqa: B027
        """No event for a while; a node is still running."""

    @abstractmethod
    def results(self, results: Sequence[Result]) -> None:
        """A line has finished."""

    @abstractmethod
    def answer(self, answer: Answer) -> None:
        """A directive has finished."""

    @abstractmethod
    def problems(self, problems: Sequence[Problem]) -> None:
        """A line was refused, or a node failed."""

    @abstractmethod
    def warning(self, text: str) -> None:
        """Something is suspicious; the run continues."""

    def upstream_empty(self) -> None:  # noqa: B027
        """The upstream process produced nothing, so neither do we."""

    def note(self, text: str) -> None:  # noqa: B027
        """Something worth knowing."""

    def script_started(self, tally: Tally) -> None:  # noqa: B027
        """A planned script starts to run."""

    def script_advanced(self, tally: Tally) -> None:  # noqa: B027
        """One of its lines has finished."""

    def script_finished(self, tally: Tally) -> None:  # noqa: B027
        """It has finished or was stopped."""

    def release(self) -> None:  # noqa: B027
        """The program exits at once: leave the terminal in order."""

    def close(self, status: int) -> None:  # noqa: B027
        """The program exits with this status."""

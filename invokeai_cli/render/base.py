"""The interface of renderers, with the methods in the order in which they are called."""

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
    """A planned line that has joined its session and starts to run."""

    line: str
    source: str  # place of the line, as `FILE:LINE`; "" for a typed line
    session: str
    seeds: tuple[tuple[str, int], ...] = ()  # pairs of a node and its random seed
    nodes: int = 0
    slow: bool = False  # the line needs a model
    results: tuple[tuple[str, str], ...] = ()  # pairs of a node and an output
    by_reference: bool = False  # the results are references to images, latents ...
    binary: bool = False  # the line writes an image's bytes to standard output


class Renderer(ABC):
    """Turns events into output. One renderer serves a whole run of the program.

    patience_s: after so many seconds without an event, `still_running` is called
    """

    patience_s = 1.0

    def loading(self) -> None:  # noqa: B027
        """Called while dependencies are loading, once the line is known to be valid."""

    def line_started(self, started: LineStarted) -> None:  # noqa: B027 - most renderers say nothing
        """Called when a line starts to run."""

    @abstractmethod
    def event(self, event: Any) -> None:
        """Called with each event of a run (see `invocations.events`)."""

    def still_running(self) -> None:  # noqa: B027
        """Called if a node is running and no event has arrived for a while."""

    @abstractmethod
    def results(self, results: Sequence[Result]) -> None:
        """Called with the results of a line that has finished."""

    @abstractmethod
    def answer(self, answer: Answer) -> None:
        """Called with the output of a directive that has finished."""

    @abstractmethod
    def problems(self, problems: Sequence[Problem]) -> None:
        """Called with the errors of a refused line or of failed nodes."""

    @abstractmethod
    def warning(self, text: str) -> None:
        """Called with a warning; the run continues."""

    def upstream_ended(self, status: int) -> None:  # noqa: B027 - the upstream process has reported its own error
        """Called if the upstream process failed, or ended without a result (status 0), so the line does not run."""

    def note(self, text: str) -> None:  # noqa: B027
        """Called with a note for the user."""

    def plan(self, text: str) -> None:  # noqa: B027
        """Called with one row of the plan for a line that is about to run; only renderers for people show it."""

    def stream_started(self) -> None:  # noqa: B027
        """Called when lines from standard input, or a line on each result from standard input, start to run."""

    def script_started(self, tally: Tally) -> None:  # noqa: B027
        """Called when a planned script starts to run."""

    def script_advanced(self, tally: Tally) -> None:  # noqa: B027
        """Called when a line of the script has finished."""

    def script_finished(self, tally: Tally) -> None:  # noqa: B027
        """Called when the script has finished or was stopped."""

    def release(self) -> None:  # noqa: B027
        """Called if the program exits immediately, to restore the terminal."""

    def close(self, status: int) -> None:  # noqa: B027
        """Called when the program exits with this status."""

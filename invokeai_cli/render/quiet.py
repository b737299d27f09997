"""Results only; errors still go to standard error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workflows.problems import Problem
from workflows.shown_text import plain

from .answer import Answer
from .base import Renderer
from .screen import Screen

if TYPE_CHECKING:
    from workflows.results import Result


class QuietRenderer(Renderer):
    """Writes results to standard output and errors to standard error, nothing else."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen

    def event(self, event: Any) -> None:
        """Do nothing."""

    def results(self, results: Sequence[Result]) -> None:
        """Write each result, one item per line."""
        for result in results:
            if result.text:
                self.screen.result("\n".join(map(self._shown, result.text)))

    def answer(self, answer: Answer) -> None:
        """Write the answer."""
        text = answer.draw(self.screen)
        if text:
            self.screen.result(text)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Write each error."""
        for each in problems:
            self.screen.note(self._fitted(each.text), "error")

    def warning(self, text: str) -> None:
        """Do nothing."""

    def _fitted(self, text: str) -> str:
        """Return an error or a warning unchanged or, on a terminal, fitted to its width."""
        if not self.screen.terminal:
            return text
        from .narrow import fitted

        return fitted(text, self.screen.size[0])

    def _shown(self, text: str) -> str:
        """Return a result unchanged or, on a terminal, without control characters."""
        if self.screen.out_width is None:
            return text
        return "\n".join(plain(line) for line in text.split("\n"))

"""The interactive prompt for dumb terminals and screen readers: plain lines, no menu, no colors, no animation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.language.script import is_incomplete

if TYPE_CHECKING:
    from .state import PromptState

CONTINUATION = "... "


class PlainReader:
    """Prints a prompt and reads a line, and further lines while the statement is incomplete."""

    def __init__(self, state: PromptState) -> None:
        self.state = state

    def read(self) -> str:
        """Return the next line. Raises: EOFError, KeyboardInterrupt."""
        lines = [self._line(f"{self.state.shell.workspace.memory.scope.lines + 1}> ")]
        while is_incomplete("\n".join(lines)):
            try:
                lines.append(self._line(CONTINUATION))
            except EOFError:
                break
        text = self.state.expanded("\n".join(lines))
        if text is None:
            self.state.shell.screen.note(f"error: {self.state.message}", "error")
            return ""
        if text != "\n".join(lines):
            self.state.shell.screen.note(text)
        return text

    def _line(self, prompt: str) -> str:
        environment = self.state.shell.environment
        self.state.shell.screen.raw(prompt)
        if environment.stdin is None:
            raise EOFError
        try:
            line = environment.stdin.readline()
        except KeyboardInterrupt:
            self.state.shell.screen.raw("\n")
            raise
        if not line:
            self.state.shell.screen.raw("\n")
            raise EOFError
        return line.removesuffix("\n").removesuffix("\r")

"""Lines from a terminal that cannot move its cursor, or for a screen reader: no menu, no colours, no animation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.language.script import is_incomplete

if TYPE_CHECKING:
    from .state import PromptState

MORE = "... "


class PlainReader:
    """Asks with a few letters, reads a line, and goes on asking while it is incomplete."""

    def __init__(self, state: PromptState) -> None:
        self.state = state

    def read(self) -> str:
        """Return the next line. Raises: EOFError, KeyboardInterrupt."""
        lines = [self._line(f"{self.state.shell.workspace.memory.scope.lines + 1}> ")]
        while is_incomplete("\n".join(lines)):
            try:
                lines.append(self._line(MORE))
            except EOFError:
                break
        text = self.state.expanded("\n".join(lines))
        if text is None:
            self.state.shell.screen.note(f"error: {self.state.message}", "error")
            return ""
        if text != "\n".join(lines):
            self.state.shell.screen.note(text)
        return text

    def _line(self, asking: str) -> str:
        environment = self.state.shell.environment
        self.state.shell.screen.raw(asking)
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

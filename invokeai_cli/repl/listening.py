"""The terminal's answers, taken out of what prompt_toolkit reads before it takes them for keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invokeai_cli.render.terminal_query import QUERY, QueryFilter, should_query

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

    from invokeai_cli.render.images import ImageProtocol
    from invokeai_cli.shell import Shell


class Listening:
    """A reader of keys that hears answers; everything else it is asked for it has from the one it stands for."""

    def __init__(self, reader: Any, answers: QueryFilter) -> None:
        self._reader = reader
        self._answers = answers

    def read(self, count: int = 1024) -> str:
        """Return what was typed."""
        return self._answers.keys(self._reader.read(count))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def ask(shell: Shell, source: Input, output: Output) -> None:
    """Ask the terminal how it shows pictures, where that is worth it; what it says holds from then on."""
    reader = getattr(source, "stdin_reader", None)
    if reader is None or not should_query(shell.environment, shell.usual_preview):
        return

    def heard(way: ImageProtocol) -> None:
        shell.screen.image_protocol = way

    source.stdin_reader = Listening(reader, QueryFilter(heard, shell.environment.clock))  # type: ignore[attr-defined]
    output.write_raw(QUERY)
    output.flush()

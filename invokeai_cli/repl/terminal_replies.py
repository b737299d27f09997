"""Filter the terminal's replies out of what prompt_toolkit reads, before it mistakes them for keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invokeai_cli.render.terminal_query import QUERY, QueryFilter, should_query

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.output import Output

    from invokeai_cli.render.images import ImageProtocol
    from invokeai_cli.shell import Shell


class ReplyFilter:
    """Wraps a stdin reader and filters terminal replies; delegates everything else."""

    def __init__(self, reader: Any, query: QueryFilter) -> None:
        self._reader = reader
        self._query = query

    def read(self, count: int = 1024) -> str:
        """Return the keys that were typed."""
        return self._query.keys(self._reader.read(count))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


def query_terminal(shell: Shell, source: Input, output: Output) -> None:
    """Ask the terminal how it shows images, unless environment variables show it; use its reply from then on."""
    reader = getattr(source, "stdin_reader", None)
    if reader is None or not should_query(shell.environment, shell.default_preview):
        return

    def use(protocol: ImageProtocol) -> None:
        shell.screen.image_protocol = protocol

    source.stdin_reader = ReplyFilter(reader, QueryFilter(use, shell.environment.clock))  # type: ignore[attr-defined]
    output.write_raw(QUERY)
    output.flush()

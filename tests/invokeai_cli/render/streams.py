"""In-memory streams that may claim to be a terminal."""

from __future__ import annotations

import io

from invokeai_cli.environment import Environment
from invokeai_cli.render.screen import Screen


class Stream(io.StringIO):
    """An in-memory stream with the given encoding."""

    def __init__(self, terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__()
        self.terminal = terminal
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return self.terminal


def screen_with(
    *, terminal: bool, quiet: bool = False, encoding: str = "utf-8", **variables: str
) -> tuple[Screen, Stream, Stream]:
    """Return a screen and the streams that are its standard output and standard error."""
    out, err = Stream(terminal, encoding), Stream(terminal, encoding)
    world = Environment(None, out, err, {"TERM": "xterm", **variables}, "/")
    return Screen(world, quiet=quiet), out, err

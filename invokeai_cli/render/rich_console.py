"""Render rich output as strings with escape codes, which the caller writes to the terminal."""

from __future__ import annotations

import io
from typing import TextIO

from rich.console import Console, RenderableType

from invokeai_cli.environment import Environment

from .paint import color_system


class _Memory(io.StringIO):
    """A file object with an encoding, which determines whether rich draws in Unicode or ASCII."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the terminal."""
        return self._encoding


def make_console(environment: Environment, stream: TextIO | None, *, width: int, color: bool) -> Console:
    """Return an in-memory console for a terminal of this width; it ignores the environment variables of the process."""
    return Console(
        file=_Memory(getattr(stream, "encoding", None) or "ascii"),
        force_terminal=True,
        force_jupyter=False,
        color_system=color_system(environment) if color else None,
        width=width,
        height=environment.height(),
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )


def draw(console: Console, renderable: RenderableType) -> str:
    """Return the text that a console draws, without trailing spaces."""
    with console.capture() as captured:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in captured.get().rstrip("\n").split("\n"))

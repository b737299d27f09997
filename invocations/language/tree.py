"""What a line says, as a tree of frozen data: pipeline, stages, arguments, values.

Two trees are equal when they say the same; where it was written (the spans) does not count.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from invocations.frozen import frozen

from .source import Span

Quote = Literal["", "'", '"']
NOWHERE = Span(0, 0)


@frozen
class Word:
    """A text with its quotes taken off and its escapes decoded; `quote` tells which quotes it stood in."""

    text: str
    quote: Quote = ""
    span: Span = field(default=NOWHERE, compare=False)


@frozen
class Reference:
    """`@name`, `@3`, `@-1`, `@name.output`: a result of an earlier stage."""

    name: str | int
    output: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


Value = Word | Reference


@frozen
class Option:
    """`--name`, `--name=value`, `-n`, `-n=value`.

    Only a glued value is the option's own: whether `--name` takes the positional after it, the command's spec decides.
    """

    name: str
    value: Value | None = None
    glued: bool = False
    short: bool = False
    span: Span = field(default=NOWHERE, compare=False)
    name_span: Span = field(default=NOWHERE, compare=False)


@frozen
class Positional:
    """A value that stands on its own."""

    value: Value
    span: Span = field(default=NOWHERE, compare=False)


Argument = Option | Positional


@frozen
class Stage:
    """One command with its arguments in the order written.

    `name` is the NAME of `as NAME`. `end_of_options` counts the arguments before `--`, None where there is none: all
    later ones are positional.
    """

    command: Word
    arguments: tuple[Argument, ...] = ()
    name: str | None = None
    end_of_options: int | None = None
    span: Span = field(default=NOWHERE, compare=False)
    name_span: Span = field(default=NOWHERE, compare=False)


@frozen
class Pipeline:
    """Stages joined by bars; `continues` where a leading bar goes on from the session's last node."""

    stages: tuple[Stage, ...] = ()
    continues: bool = False
    span: Span = field(default=NOWHERE, compare=False)

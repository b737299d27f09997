"""The syntax tree of a line as frozen data: pipeline, stages, arguments, values.

Spans are ignored when trees are compared.
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
    """A value without quotes and escapes; `quote` is the quotation mark around it, or "" if it was not quoted.

    literals: in a value in double quotes, the position of each `$` that begins no variable
    """

    text: str
    quote: Quote = ""
    span: Span = field(default=NOWHERE, compare=False)
    literals: tuple[int, ...] = ()

    @property
    def may_be_each(self) -> bool:
        """Return True if the word may stand for several values, which `read_each` then reads."""
        return "," in self.text or (not self.quote and (".." in self.text or self.text.endswith("x")))


@frozen
class Reference:
    """A reference to a result of an earlier stage: `@name`, `@3`, `@-1` or `@name.output`.

    each: a `*` follows, which stands for each item of a list: `@name*`
    """

    name: str | int
    output: str | None = None
    span: Span = field(default=NOWHERE, compare=False)
    each: bool = False

    def __str__(self) -> str:
        return f"@{self.name}" + (f".{self.output}" if self.output else "") + ("*" if self.each else "")


Value = Word | Reference


@frozen
class Option:
    """An option: `--name`, `--name=value`, `-n` or `-n=value`; or `name=value` in a sweep, if `bare` is True.

    Only an attached value is part of the option. The command's spec decides whether `--name` takes the next argument.
    """

    name: str
    value: Value | None = None
    glued: bool = False
    short: bool = False
    span: Span = field(default=NOWHERE, compare=False)
    name_span: Span = field(default=NOWHERE, compare=False)
    bare: bool = False


@frozen
class Positional:
    """A value that is not attached to an option."""

    value: Value
    span: Span = field(default=NOWHERE, compare=False)


Argument = Option | Positional


@frozen
class Stage:
    """One command with its arguments in the order written.

    `name` is the NAME of `as NAME` at its end or, if `as_option`, of `--as NAME`. `end_of_options` is the number of
    arguments before `--` (None if there is no `--`); all later arguments are positional.
    """

    command: Word
    arguments: tuple[Argument, ...] = ()
    name: str | None = None
    end_of_options: int | None = None
    span: Span = field(default=NOWHERE, compare=False)
    name_span: Span = field(default=NOWHERE, compare=False)
    as_option: bool = False


@frozen
class Pipeline:
    """Stages joined by `|`; `continues` is True if a leading `|` continues from the session's last node."""

    stages: tuple[Stage, ...] = ()
    continues: bool = False
    span: Span = field(default=NOWHERE, compare=False)

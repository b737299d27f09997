"""The error for a line that begins with a command where a directive with a similar name was meant: `model scan`."""

from __future__ import annotations

from collections.abc import Collection

from invocations.language.did_you_mean import nearest, one_of
from invocations.language.errors import LanguageError
from invocations.language.source import Source, Span


def with_meant_directive(
    errors: tuple[LanguageError, ...], source: Source, directives: Collection[str]
) -> tuple[LanguageError, ...]:
    """Return the errors of a line, or one error if its second word is wrong and was meant as a subcommand.

    directives: those that have a subcommand named like the second word
    """
    command, subcommand = source.text.split(None, 2)[:2]
    meant = [] if command in directives else nearest(command, directives)
    start = source.text.find(command)
    end = source.text.find(subcommand, start + len(command)) + len(subcommand)
    if not meant or not any(error.span.end == end for error in errors):
        return errors
    hint = f"did you mean {one_of([f'{name} {subcommand}' for name in meant])}?"
    message = f"there is no command `{command} {subcommand}`"
    return (LanguageError("unknown_command", message, Span(start, end), hint),)

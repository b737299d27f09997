"""The error for a line that begins with a command where a directive with a similar name was meant: `model scan`."""

from __future__ import annotations

from invocations.language.did_you_mean import nearest, one_of
from invocations.language.errors import LanguageError
from invocations.language.source import Source, Span
from workflows.reserved import ReservedWords


def with_meant_directive(
    errors: tuple[LanguageError, ...], source: Source, reserved: ReservedWords
) -> tuple[LanguageError, ...]:
    """Return the errors of a line, or one error if its second word is wrong and is a subcommand of a directive."""
    command, subcommand = (*source.text.split(None, 2), "", "")[:2]
    meant = [] if command in reserved else nearest(command, reserved.having(subcommand))
    end = source.text.find(subcommand, source.text.find(command) + len(command)) + len(subcommand)
    if not meant or not any(error.span.end == end for error in errors):
        return errors
    hint = f"did you mean {one_of([f'{name} {subcommand}' for name in meant])}?"
    span = Span(source.text.find(command), end)
    return (LanguageError("unknown_command", f"there is no command `{command} {subcommand}`", span, hint),)

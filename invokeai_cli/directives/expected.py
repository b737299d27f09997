"""What may follow the words of a directive, according to its metadata: an argument, an option, an option's value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from invocations.frozen import frozen

from .directive import ArgumentSpec, Completes, Directive, OptionSpec, chosen_row
from .table import find_directive


@frozen
class Expected:
    """What the next word may be: one of `choices` or `options` (each with its help), or a word of the kind `completes`.

    values: the arguments typed so far.
    """

    completes: Completes = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    values: tuple[str, ...] = ()


def expected(words: Sequence[str]) -> Expected:
    """Return what may follow these words, which begin with a directive."""
    directive = find_directive(words[0])
    assert directive is not None
    row, rest = chosen_row(directive, [word for word in words[1:] if word != "="])
    if directive.subcommands and len(words) == 1:
        return Expected(choices={each.word: each.summary for each in directive.subcommands})
    values, waiting = _read(row, rest)
    options = {each.flag: each.help for each in row.options if each.repeat or each.flag not in rest}
    place = waiting or _argument(row, len(values))
    if place is None:
        return Expected(options=options, values=values)
    return Expected(place.completes, dict.fromkeys(place.choices, ""), options, values)


def _read(row: Directive, words: Sequence[str]) -> tuple[tuple[str, ...], OptionSpec | None]:
    """Return the arguments among the words, and the last option if it still needs a value."""
    values: list[str] = []
    waiting: OptionSpec | None = None
    for word in words:
        if word.startswith("--"):
            option = row.option(word[2:].partition("=")[0])
            waiting = option if option is not None and option.value and "=" not in word else None
        elif waiting is None:
            values.append(word)
        elif not waiting.many_words:
            waiting = None
    return tuple(values), waiting


def _argument(row: Directive, index: int) -> ArgumentSpec | None:
    """Return the argument that the next word would be, or None if no more arguments are allowed."""
    if index < len(row.arguments):
        return row.arguments[index]
    last = row.arguments[-1] if row.arguments else None
    return last if last is not None and last.repeat else None

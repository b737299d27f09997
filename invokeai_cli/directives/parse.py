"""Parse the words after a directive, using its metadata; all errors about arguments and options are raised here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from invocations.language.did_you_mean import did_you_mean
from workflows.problems import UsageError

from .directive import Directive, OptionSpec, chosen_row


class WrongWord(UsageError):
    """A word that a directive refuses; `place` is its index among the words after the directive."""

    def __init__(self, error: UsageError, place: int) -> None:
        super().__init__(error.message, error.hint)
        self.place = place


@dataclass(slots=True)
class Parsed:
    """A directive, its arguments in order, its options by name (a switch has the value ""), notes for the user."""

    row: Directive
    values: tuple[str, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def parse(directive: Directive, words: Sequence[str]) -> Parsed:
    """Parse the words after a directive. Raises: UsageError; WrongWord if typing more words cannot fix the error."""
    row, rest = chosen_row(directive, words)
    if row.subcommands:
        raise WrongWord(_no_subcommand(row, *rest), 0)
    if row.takes_line:
        return Parsed(row, tuple(rest))
    reading = _Reading(row, list(rest), start=len(words) - len(rest))
    reading.read()
    values = tuple(reading.values)
    if len(values) == 1 and len(row.arguments) == 2 and row.arguments[1].free_text and "=" in values[0]:
        values = tuple(values[0].split("=", 1))  # `set steps=30` means the same as `set steps 30`
    _check_count(row, values, reading.places)
    return Parsed(row, values, {name: tuple(found) for name, found in reading.options.items()}, tuple(reading.notes))


class _Reading:
    """The words of one directive, parsed from the left."""

    def __init__(self, row: Directive, words: list[str], *, start: int) -> None:
        self.row = row
        self.waiting = words
        self.end = start + len(words)
        self.values: list[str] = []
        self.places: list[int] = []  # index of each value among the words after the directive
        self.options: dict[str, list[str]] = {}
        self.notes: list[str] = []

    def read(self) -> None:
        while self.waiting:
            place, word = self.end - len(self.waiting), self.waiting.pop(0)
            name, equals, value = word.partition("=")
            option = self.row.option(name[2:]) if word.startswith("--") else None
            if option is not None:
                self.check_option(option, place, value if equals else None)
                self.option(option, name, value if equals else None)
            elif word.startswith("--") and not self.in_text:
                raise WrongWord(no_option(self.row, name), place)
            else:
                self.values.append(word)
                self.places.append(place)

    @property
    def in_text(self) -> bool:
        """Whether free text has begun, in which dashes have no meaning."""
        arguments = self.row.arguments
        return bool(arguments) and arguments[-1].free_text and len(self.values) >= max(len(arguments) - 1, 1)

    def check_option(self, option: OptionSpec, place: int, value: str | None) -> None:
        if option.name in self.options and option.value and not option.repeat:
            raise WrongWord(UsageError(f"`{option.flag}` can be given only once", _usage(self.row)), place)
        if option.excludes in self.options:
            raise WrongWord(exclusive(option), place)
        if value is not None and not option.value:
            raise WrongWord(UsageError(f"`{option.flag}` takes no value", f"write `{option.flag}` alone"), place)

    def option(self, option: OptionSpec, typed: str, value: str | None) -> None:
        if typed != option.flag:
            self.notes.append(f"`{typed}` is now called `{option.flag}`")
        self.options.setdefault(option.name, []).extend(self.values_of(option, value))

    def values_of(self, option: OptionSpec, value: str | None) -> list[str]:
        if not option.value:
            return [""]
        found = [] if value is None else [value]
        while self.waiting and (not found if not option.many_words else self.waiting[0][:2] != "--"):
            found.append(self.waiting.pop(0))
        if not found:
            raise UsageError(f"`{option.flag}` needs a value: {option.usage}", option.help)
        return found


def exclusive(option: OptionSpec) -> UsageError:
    """Return the error for two options that cannot be combined."""
    return UsageError(f"`{option.flag}` and `--{option.excludes}` cannot be combined", "choose one of them")


def no_option(row: Directive, name: str) -> UsageError:
    """Return the error for an unknown option."""
    from workflows.synonyms.table import note_on  # imported late because only errors need it

    options = [*row.options, *[option for each in row.subcommands[:1] for option in each.options]]
    near = did_you_mean(name, [*[option.flag for option in options], "--json"], row.hint or _usage(row))
    hint = _meant(row, name) or note_on(name.removeprefix("--")) or near
    return UsageError(f"`{row.name}` has no option `{name}`", hint)


def _no_subcommand(row: Directive, word: str, *after: str) -> UsageError:
    if word.startswith("--"):
        return no_option(row, word)
    from workflows.synonyms.table import note_on  # imported late because only errors need it

    known = [each.word for each in row.subcommands]
    near = did_you_mean(word, known, prefix=f"{row.name} ") or ""
    is_address = row.name == "models" and "://" in "".join((word, *after[:1]))
    hint = note_on("download") if is_address else _meant(row, word, *after)
    hint = hint or _chosen(row.subcommands[0], row.name, word) or note_on(word) or near
    hint = hint or row.hint.replace("NAME", quoted(word), 1) or _usage(row)
    return UsageError(f"`{row.name}` has no subcommand `{word}`", hint)


def _meant(row: Directive, word: str, *after: str) -> str:
    """Return a hint with what to type instead of a word of another program, or ""; `after`: the words after it."""
    from workflows.synonyms.subcommands import meant_line  # imported late because only errors need it

    rest = " ".join(quoted(each) for each in after if not each.startswith("--"))
    typed = meant_line(row.name.partition(" ")[0], word, rest)
    return f"did you mean `{typed}`?" if typed else ""


def _chosen(row: Directive, command: str, word: str) -> str:
    """Return a hint with the option of a row that takes a word or its plural, such as `models --kind lora`, or ""."""
    for value in (word.lower(), word.lower().removesuffix("s")):
        for option in row.options:
            if value in option.choices:
                return f"did you mean `{command} {option.flag} {value}`?"
    return ""


def quoted(word: str) -> str:
    """Return a word as it is typed in a line, in quotes if it needs them."""
    from invocations.language.printer import as_word, print_value  # imported late because only errors need it

    return print_value(as_word(word))


def _check_count(row: Directive, values: Sequence[str], places: Sequence[int]) -> None:
    arguments = row.arguments
    if len(values) < len(arguments) and arguments[len(values)].required:
        raise UsageError(f"`{row.name}` needs an argument: {arguments[len(values)].name}", _usage(row))
    endless = bool(arguments) and (arguments[-1].repeat or arguments[-1].free_text)
    if len(values) > len(arguments) and not endless:
        word = values[len(arguments)]
        hint = _chosen(row, row.name, word) or row.hint or _usage(row)
        surplus = UsageError(f"`{row.name}` got an unexpected argument: `{word}`", hint)
        raise WrongWord(surplus, places[len(arguments)])


def _usage(row: Directive) -> str:
    return f"usage: {row.usage}"

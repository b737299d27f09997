"""The metadata of a directive, like a node's spec: name, summary, arguments, options, completion.

Usage, help, parsing, completion, highlighting and the Typer command are all derived from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from invocations.frozen import frozen

Completes = Literal[
    "",  # no completions are offered
    "file",
    "image",
    "image or graph",  # an image, or another tool's graph or text file
    "script",
    "document",  # a JSON file
    "directory",
    "any model",  # a model of any kind, or a file
    "session",
    "line",
    "word",  # what `help` explains: commands, directives, topics
    "model",
    "input",
    "input value",  # a value of the input that the previous argument names
    "default",  # an input that the user has set a default for
    "setting",
    "setting value",  # a value of the setting that the previous argument names
    "recipe",
    "own recipe",  # a recipe in one of the user's files
    "assignment",  # text of the form INPUT=VALUE
]


@frozen
class ArgumentSpec:
    """A positional argument. After an optional argument, a required one is required only if the optional one is given.

    repeat: it takes any number of words. free_text: it takes all remaining words as one value.
    """

    name: str
    help: str = ""
    completes: Completes = ""
    choices: tuple[str, ...] = ()
    required: bool = True
    repeat: bool = False
    free_text: bool = False


@frozen
class OptionSpec:
    """An option; `value` is the name of its value in usage, "" for a switch.

    many_words: it takes all words up to the next option. repeat: it may be given more than once.
    excludes: an option that it cannot be combined with. aliases: former names, accepted but not listed.
    """

    name: str  # the name of the option, without the leading dashes
    help: str
    value: str = ""
    completes: Completes = ""
    choices: tuple[str, ...] = ()
    many_words: bool = False
    repeat: bool = False
    excludes: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def flag(self) -> str:
        """Return the option as it is typed."""
        return f"--{self.name}"

    @property
    def usage(self) -> str:
        """Return the option with its value's name, as in usage."""
        value = f" {self.value}" if self.value else ""
        return f"{self.flag}{value}{' ...' if self.many_words else ''}"


@frozen
class Directive:
    """The description of a directive, read without importing its module; the first subcommand is the default.

    takes_line: a line of commands follows, read by the planner. runs_nodes: it may run nodes.
    aliases: former names, accepted but not listed. hint: shown if an option is unknown or there are too many words.
    module: the file in this folder that runs it, if its name differs from the directive's.
    """

    name: str  # a subcommand's name begins with the name of its directive: `session show`
    summary: str
    arguments: tuple[ArgumentSpec, ...] = ()
    options: tuple[OptionSpec, ...] = ()
    subcommands: tuple[Directive, ...] = ()
    takes_line: bool = False
    runs_nodes: bool = False
    examples: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    hint: str = ""
    module: str = ""

    @property
    def word(self) -> str:
        """Return the last word of the name, which selects a subcommand."""
        return self.name.rpartition(" ")[2]

    @property
    def usage(self) -> str:
        """Return the directive with its arguments and options, or its subcommands, as shown in usage."""
        return " ".join([self.name, *self._forms()])

    def subcommand(self, word: str) -> Directive | None:
        """Return the subcommand of that name, or None."""
        return next((each for each in self.subcommands if word in (each.word, *each.aliases)), None)

    def option(self, name: str) -> OptionSpec | None:
        """Return the option of that name, without dashes, or None."""
        return next((each for each in self.options if name in (each.name, *each.aliases)), None)

    def _forms(self) -> Iterator[str]:
        if self.subcommands:
            yield f"[{' | '.join(each.word + each.arguments_usage for each in self.subcommands)}]"
            return
        if self.arguments:
            yield self.arguments_usage.strip()
        shown: set[str] = set()
        for each in self.options:
            if each.name not in shown:
                other = f" | --{each.excludes}" if each.excludes else ""
                yield f"[{each.usage}{other}]"
                shown.add(each.excludes)

    @property
    def arguments_usage(self) -> str:
        """Return the arguments, each after a space; optional ones in brackets."""
        text, opened = "", 0
        for each in self.arguments:
            opened += not each.required
            text += f" {'' if each.required else '['}{each.name}{' ...' if each.repeat else ''}"
        return text + "]" * opened


def rows(directives: Mapping[str, Directive]) -> list[Directive]:
    """Return every directive, each followed by its subcommands."""
    return [row for directive in directives.values() for row in (directive, *directive.subcommands)]


def chosen_row(directive: Directive, words: Sequence[str]) -> tuple[Directive, Sequence[str]]:
    """Return the directive or subcommand that the words select, and the remaining words."""
    if not directive.subcommands:
        return directive, words
    if not words or (words[0].startswith("--") and directive.subcommands[0].option(words[0][2:].partition("=")[0])):
        return directive.subcommands[0], words
    found = directive.subcommand(words[0])
    return (found, words[1:]) if found else (directive, words)

"""The program's own options: one table, and how they are taken out of the shell's words wherever they may stand.

They are taken before the command, and after it as far as the command (of the stage they stand in) has no such option.
Behind a word of the shell that takes a line, as `explain`, the line's own command counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from invocations.language.did_you_mean import did_you_mean
from workflows.problems import UsageError

Format = Literal["human", "json", "events", "quiet"]


@dataclass(frozen=True, slots=True)
class GlobalOption:
    """One option of the program; `value` names what it takes ("" for a switch), `setting` what it settles."""

    names: tuple[str, ...]
    help: str
    value: str = ""
    setting: str = ""
    switch: Any = True  # what a switch sets the setting to


GLOBAL_OPTIONS: Final = (
    GlobalOption(("--help", "-h"), "explain the program, a command or a topic"),
    GlobalOption(("--version",), "print the versions of the program and of what it is built on"),
    GlobalOption(("--json",), "print one JSON document"),
    GlobalOption(("--events",), "print one JSON object per event, the result last"),
    GlobalOption(("--quiet", "-q"), "print results only"),
    GlobalOption(("--verbose", "-v"), "tell more; -vv tells all"),
    GlobalOption(
        ("--set",), "default of an input (`t2i.steps=20`) or variable of a script; may be repeated", value="NAME=VALUE"
    ),
    GlobalOption(("--output",), "write pictures that were given no name there", value="DIR", setting="output_dir"),
    GlobalOption(("--overwrite",), "let `save` replace files"),
    GlobalOption(("--keep-going",), "in a script, go on after a line that failed", setting="keep_going"),
    GlobalOption(("--no-cache",), "reuse no result; behind a command: for that stage", setting="cache", switch=False),
    GlobalOption(("--device",), "where models run: auto, cpu, cuda, mps", value="NAME", setting="device"),
    GlobalOption(("--dtype",), "auto, float32, bfloat16, float16", value="NAME", setting="dtype"),
    GlobalOption(("--model-dir",), "look for models there too; may be repeated", value="DIR", setting="models_dirs"),
    GlobalOption(("--preview",), "auto, kitty, iterm, sixel, blocks, none", value="HOW", setting="preview"),
    GlobalOption(("--accessible",), "plain lines without animation, for a screen reader", setting="accessible"),
    GlobalOption(("--color",), "auto, always, never", value="WHEN", setting="color"),
)
LINE_FOLLOWS: Final = (("explain",), ("graph",), ("cache", "why"))
BY_OPTION: Final = {name: option for option in GLOBAL_OPTIONS for name in option.names}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The shell's words, sorted: the program's options, and the words of the line."""

    words: tuple[str, ...] = ()
    format: Format = "human"
    verbosity: int = 0
    help: bool = False
    help_for: tuple[str, ...] = ()  # the command of the stage that `--help` stands in
    version: bool = False
    flags: Mapping[str, tuple[str, Any]] = field(default_factory=dict)  # setting -> (the flag, its text or truth)
    sets: Mapping[str, str] = field(default_factory=dict)


def read_command_line(words: Sequence[str], taken: Callable[[str], Iterable[str]]) -> CommandLine:
    """Sort the shell's words; `taken` gives the options (with dashes) that a command has itself. Raises: UsageError."""
    found = _Found()
    rest: list[str] = []
    waiting = list(words)
    own: frozenset[str] = frozenset()
    command: tuple[str, ...] = ()
    expects_command, ended = True, False
    while waiting:
        word = waiting.pop(0)
        if word == "|":
            expects_command, ended, command, own = True, False, (), frozenset()
        elif word == "--" and expects_command and not rest:
            continue
        elif word == "--":
            ended = True
        elif not ended and word[:1] == "-" and _is_global(word, own):
            found.take(word, waiting, command)
            continue
        elif expects_command and (word[:1] != "-" or word == "-"):
            own, expects_command, command = frozenset(taken(word)), False, tuple(word.split()[:1])
        elif expects_command and not rest:
            raise _unknown(word)
        rest.append(word)
        expects_command = expects_command or tuple(rest) in LINE_FOLLOWS
    return found.command_line(tuple(rest))


def _is_global(word: str, own: frozenset[str]) -> bool:
    name = word.partition("=")[0]
    if name in own and name not in ("--help", "-h"):
        return False
    return name in BY_OPTION or (word.startswith("-v") and set(word[1:]) == {"v"} and "-v" not in own)


class _Found:
    """The program's options met so far."""

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}
        self.verbosity = 0
        self.seen: set[str] = set()
        self.flags: dict[str, tuple[str, Any]] = {}
        self.sets: dict[str, str] = {}
        self.help_for: tuple[str, ...] = ()

    def take(self, word: str, waiting: list[str], command: tuple[str, ...]) -> None:
        name, equals, value = word.partition("=")
        if word.startswith("-v") and set(word[1:]) == {"v"}:
            self.verbosity += len(word) - 1
            return
        option = BY_OPTION[name]
        if option.names[0] == "--help":
            self.help_for = command
        if not option.value:
            if equals:
                raise UsageError(f"`{name}` takes no value", f"write `{name}` alone")
            self.switch(option)
            return
        if not equals:
            if not waiting or waiting[0] == "|":
                raise UsageError(f"`{name}` needs a value: {name} {option.value}", option.help)
            value = waiting.pop(0)
        self.value(option, value)

    def switch(self, option: GlobalOption) -> None:
        name = option.names[0]
        self.seen.add(name)
        if name in ("--json", "--events", "--quiet"):
            self.formats[name] = name.removeprefix("--")
        elif name == "--verbose":
            self.verbosity += 1
        elif name == "--overwrite":
            self.sets["save.overwrite"] = "true"
        elif option.setting:
            self.flags[option.setting] = (name, option.switch)

    def value(self, option: GlobalOption, value: str) -> None:
        name = option.names[0]
        if name == "--set":
            key, equals, text = value.partition("=")
            if not key or not equals:
                raise UsageError(f"`--set {value}` is not of the form NAME=VALUE", "for example `--set steps=20`")
            command, dot, wanted = key.rpartition(".")
            self.sets[f"{command}{dot}{wanted.replace('-', '_')}"] = text
        elif option.setting == "models_dirs" and option.setting in self.flags:
            import os

            self.flags[option.setting] = (name, self.flags[option.setting][1] + os.pathsep + value)
        else:
            self.flags[option.setting] = (name, value)

    def command_line(self, words: tuple[str, ...]) -> CommandLine:
        if len(self.formats) > 1:
            raise UsageError(f"{' and '.join(self.formats)} exclude each other", "choose one way to print results")
        chosen: Any = next(iter(self.formats.values()), "human")
        return CommandLine(
            words,
            chosen,
            self.verbosity,
            "--help" in self.seen,
            self.help_for,
            "--version" in self.seen,
            self.flags,
            self.sets,
        )


def _unknown(word: str) -> UsageError:
    name = word.partition("=")[0]
    return UsageError(
        f"there is no option `{name}`", did_you_mean(name, BY_OPTION, "`invokeai --help` lists the options")
    )

"""The global options: their table, and how they are separated from the other words of the command line.

They may come before the command, or after it unless the command of that stage has an option of the same name. After a
directive that takes a line, such as `explain`, this rule applies to the commands of that line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, Final, Literal

from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean
from workflows.problems import UsageError

from .directives.table import find_row, takes_line

Format = Literal["human", "json", "events", "quiet", "pipe"]


@frozen
class GlobalOption:
    """One option; `value` names its value ("" for a switch), `setting` is the setting that it overrides.

    completes: the kind of value to complete, unless the setting defines it.
    aliases: former names, accepted but not listed.
    """

    names: tuple[str, ...]
    help: str
    value: str = ""
    setting: str = ""
    switch: Any = True  # the setting's value if the switch is on
    completes: Literal["", "directory", "assignment"] = ""
    aliases: tuple[str, ...] = ()


COMPLETE: Final = "__complete"  # the first word of the command line when a completion script calls the program

GLOBAL_OPTIONS: Final = (
    GlobalOption(("--help", "-h"), "explain the program, a command or a topic; with --all, everything"),
    GlobalOption(("--version",), "print the versions of the program and its libraries"),
    GlobalOption(("--json",), "print one JSON document"),
    GlobalOption(("--events",), "print one JSON object per event, the result last"),
    GlobalOption(("--quiet", "-q"), "print results only"),
    GlobalOption(("--pipe",), "print one JSON line per result, for `jq` and the next `invokeai` in a pipe"),
    GlobalOption(("--verbose", "-v"), "print each node and its duration; -vv: skipped nodes too"),
    GlobalOption(
        ("--set",),
        "set an input's default (`t2i.steps=20`) or a script variable; may be repeated",
        value="NAME=VALUE",
        completes="assignment",
    ),
    GlobalOption(
        ("--output",),
        "folder for images that are saved without a name",
        value="DIR",
        setting="output_dir",
        completes="directory",
    ),
    GlobalOption(("--overwrite",), "let `save` replace existing files"),
    GlobalOption(("--keep-going",), "in a script, continue after a failed line", setting="keep_going"),
    GlobalOption(("--max-items",), "largest sweep that runs without asking, in items", value="N", setting="max_items"),
    GlobalOption(("--yes",), "run a large sweep without asking", setting="max_items", switch="100000"),
    GlobalOption(("--no-cache",), "recompute all; after a command, only that stage", setting="cache", switch=False),
    GlobalOption(("--device",), "device that models run on: auto, cpu, cuda, mps", value="NAME", setting="device"),
    GlobalOption(("--dtype",), "precision: auto, float32, bfloat16, float16", value="NAME", setting="dtype"),
    GlobalOption(("--batch",), "images that are denoised together: auto, or a number", value="N", setting="batch"),
    GlobalOption(
        ("--on",), "server that runs the nodes, such as `gpu:9090`; `local`: none", value="HOST", setting="server"
    ),
    GlobalOption(("--jobs",), "worker processes that run nodes: auto, or a number", value="N", setting="jobs"),
    GlobalOption(
        ("--no-engine",), "run models in this process, not in the warm engine", setting="engine", switch="off"
    ),
    GlobalOption(
        ("--model-dir",),
        "additional folder to search for models; may be repeated",
        value="DIR",
        setting="models_dirs",
        completes="directory",
    ),
    GlobalOption(("--preview",), "previews: auto, kitty, iterm, sixel, blocks, none", value="HOW", setting="preview"),
    GlobalOption(("--accessible",), "plain lines without animation, for screen readers", setting="accessible"),
    GlobalOption(("--color",), "color: auto, always, never", value="WHEN", setting="color"),
)
HELP: Final = frozenset({"--help", "-h"})
ALL: Final = "--all"  # after `--help`, shows the whole page
BY_OPTION: Final = {name: option for option in GLOBAL_OPTIONS for name in option.names}
ALIASES: Final = {alias: option.names[0] for option in GLOBAL_OPTIONS for alias in option.aliases}


@frozen
class CommandLine:
    """A command line, separated into the global options and the words of the line."""

    words: tuple[str, ...] = ()
    format: Format = "human"
    verbosity: int = 0
    help: bool = False
    help_for: tuple[str, ...] = ()  # the command that `--help` is about, and `--all`
    version: bool = False
    # maps each setting to the option that sets it and its value (True for a switch)
    flags: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    sets: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def is_json(self) -> bool:
        """Whether the output is JSON."""
        return self.format in ("json", "events")


def read_command_line(words: Sequence[str], taken: Callable[[str], Iterable[str]]) -> CommandLine:
    """Separate the words of a command line; `taken` returns a command's own options, with dashes.

    Raises: UsageError.
    """
    if list(words[:1]) == [COMPLETE]:  # the other words belong to the line that is being typed
        return CommandLine(tuple(words))
    found = _Found()
    rest: list[str] = []
    waiting = _unquoted(words[0], taken) if len(words) == 1 else list(words)
    if ALL in waiting and not HELP.isdisjoint(waiting):
        waiting = [word for word in waiting if word != ALL]
        found.more_help = (ALL,)
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
        expects_command = expects_command or takes_line(rest[:3]) == len(rest)
    return found.command_line(tuple(rest))


def _is_global(word: str, own: frozenset[str]) -> bool:
    name = word.partition("=")[0]
    if name in own and name not in HELP:
        return False
    return (
        name in BY_OPTION or name in ALIASES or (word.startswith("-v") and set(word[1:]) == {"v"} and "-v" not in own)
    )


def _unquoted(line: str, taken: Callable[[str], Iterable[str]]) -> list[str]:
    """Separate a line, passed as one argument, from the global options in it; a directive reads its own options.

    If the line asks for help, return the command that it asks about, and `--help`.
    """
    first, *others = line.split() or [""]
    if not any(_is_global(word, frozenset()) for word in others):
        return [line]
    from .quoted_line import help_asked, options_outside

    asked = help_asked(line)
    if asked is not None:
        return [*asked, "--help"]
    if find_row([first]) is not None:
        return [line]
    return options_outside(line, lambda word, command: _takes_value(word, frozenset(taken(command))))


def _takes_value(word: str, own: frozenset[str]) -> bool | None:
    """Return whether a global option takes a value, or None if the word is not a global option."""
    if not _is_global(word, own):
        return None
    return word in BY_OPTION and bool(BY_OPTION[word].value)


class _Found:
    """The global options found so far."""

    def __init__(self) -> None:
        self.formats: dict[str, str] = {}
        self.verbosity = 0
        self.seen: set[str] = set()
        self.flags: dict[str, tuple[str, Any]] = {}
        self.sets: dict[str, str] = {}
        self.help_for: tuple[str, ...] = ()
        self.more_help: tuple[str, ...] = ()
        self.notes: list[str] = []

    def take(self, word: str, waiting: list[str], command: tuple[str, ...]) -> None:
        name, equals, value = word.partition("=")
        if word.startswith("-v") and set(word[1:]) == {"v"}:
            self.verbosity += len(word) - 1
            return
        if name in ALIASES:
            self.notes.append(f"`{name}` is now called `{ALIASES[name]}`")
            name = ALIASES[name]
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
        if name in ("--json", "--events", "--quiet", "--pipe"):
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
            raise UsageError(f"{' and '.join(self.formats)} cannot be combined", "choose one output format")
        chosen: Any = next(iter(self.formats.values()), "human")
        return CommandLine(
            words,
            chosen,
            self.verbosity,
            "--help" in self.seen,
            self.help_for + self.more_help,
            "--version" in self.seen,
            self.flags,
            self.sets,
            tuple(self.notes),
        )


def _unknown(word: str) -> UsageError:
    name = word.partition("=")[0]
    from invocations.catalog.registry import open_registry  # imported late because only errors need it
    from workflows.synonyms.table import note_on

    if any(spec.input(name.removeprefix("--").replace("-", "_")) for spec in open_registry().values()):
        hint = f"it is an option of commands, which is written after the command: invokeai t2i a fox {name} ..."
        return UsageError(f"there is no option `{name}` before a command", hint)
    near = did_you_mean(name, BY_OPTION, "`invokeai --help` lists the options")
    return UsageError(f"there is no option `{name}`", note_on(name.removeprefix("--")) or near)

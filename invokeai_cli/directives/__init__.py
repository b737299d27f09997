"""Words for the shell itself: never nodes, never piped. One file each; only the one that is asked for is imported."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from invokeai_cli.render.answer import Answer

    from .call import Call

    Run = Callable[[Call], Answer]


class Entry(NamedTuple):
    """What is known of a directive without importing it."""

    usage: str
    summary: str
    module: str = ""


DIRECTIVES: Final[dict[str, Entry]] = {
    "help": Entry("help [WORD]", "explain a command, a directive or a topic"),
    "nodes": Entry("nodes [WORD ...]", "list the commands, or those that a search finds"),
    "explain": Entry("explain LINE", "show what a line would do: nodes, values, links and why; runs nothing"),
    "graph": Entry(
        "graph [LINE | @STAGE | SESSION] [--all] [--mermaid | --dot]",
        "draw a session, what led to a stage, or a line: boxes, links, state; --all opens recipes; runs nothing",
    ),
    "run": Entry(
        "run FILE [--dry-run] [--keep-going] [--from LINE] [--resume [--only failed]]",
        "run a script; `run -` reads it from standard input",
    ),
    "let": Entry("let NAME = VALUE", "give a variable a value, for `${NAME}` in the lines to come"),
    "models": Entry("models [list]", "list the models on this machine"),
    "set": Entry("set [INPUT VALUE] [--save]", "give an input a default of your own; alone, list them"),
    "unset": Entry("unset INPUT [--save]", "take a default back"),
    "default": Entry("default [INPUT VALUE]", "the same as `set`", "set"),
    "config": Entry("config [show | get NAME | set NAME VALUE | unset NAME | path]", "show and change settings"),
    "sessions": Entry(
        "sessions [WORD ...] [--failed] [--since 2d] [--limit COUNT]",
        "list what was run before, the latest first; words must occur in one of the lines",
    ),
    "session": Entry(
        "session [show | resume | export | import | rm] [ID | FILE ...]",
        "show a session, go on with it, write it to a file, read it from one, remove it; see `help history`",
    ),
    "history": Entry(
        "history [COUNT] [--search WORD ...] [--failed] [--since 2d] [--session ID] [--save FILE]",
        "list the lines that were run, the latest last; --save writes a script that makes the same graph",
    ),
    "retry": Entry(
        "retry [SESSION]", "run again what failed in this, the named or the latest session, and what waited for it"
    ),
    "line": Entry("line IMAGE", "print the line that made a picture, also one of another tool's"),
    "replay": Entry(
        "replay IMAGE [--set INPUT=VALUE] [--check] [--allow-files]", "make a picture again from its own line"
    ),
    "cache": Entry(
        "cache [stats | clear | why LINE]", "tell what is kept for reuse, remove it, or say why a line would run again"
    ),
    "stats": Entry("stats [ID]", "show where a session's time and memory went, by node and by command"),
    "completion": Entry("completion SHELL [--install]", "print or install completion: bash, zsh, fish, powershell"),
    "exit": Entry("exit", "end a script here"),
}


TAKE_LINE: Final = (("explain",), ("graph",), ("cache", "why"))  # what a line may follow


class Leave(Exception):
    """No further line of this script is read."""


def find(word: str) -> Run | None:
    """Return the directive of that name, or None."""
    entry = DIRECTIVES.get(word)
    if entry is None:
        return None
    run: Run = import_module(f"{__name__}.{entry.module or word}").run
    return run


def before_line(words: Sequence[str]) -> int:
    """Return how many words of the shell these begin with that a line follows, 0 where none does."""
    return next((len(own) for own in TAKE_LINE if tuple(words[: len(own)]) == own), 0)

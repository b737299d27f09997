"""Words that other programs have as subcommands or options of a directive, with what to type here; for hints only."""

from __future__ import annotations

import re
from typing import Final

_MEANT: Final = {
    "models": {
        "models list": ("ls",),
        "models info NAME": ("show", "describe", "inspect"),
        "models scan DIR --add": ("add", "import", "register"),
        "models scan DIR --remove": ("remove", "rm", "delete", "forget"),
        "--kind": ("--type",),
        "--family": ("--base",),
    },
    "config": {
        "config show": ("list", "ls"),
        "config unset NAME": ("remove", "rm", "delete", "reset"),
        "config path": ("edit", "file"),
    },
    "recipe": {
        "recipe list": ("ls",),
        "recipe rm NAME": ("remove", "delete"),
        "recipe save NAME": ("add", "new", "create"),
        "recipe show NAME": ("info", "cat"),
    },
    "session": {
        "sessions": ("list", "ls"),
        "session rm SESSION": ("remove", "delete"),
        "session resume SESSION": ("load", "open", "continue"),
        "session export SESSION": ("save",),
    },
    "cache": {
        "cache stats": ("show", "list", "ls", "info", "size"),
        "cache clear": ("empty", "rm", "remove", "delete", "purge", "prune"),
    },
    "engine": {
        "engine status": ("show", "list", "ls", "info", "ps"),
        "engine start": ("run", "up"),
        "engine stop": ("kill", "quit", "end", "down"),
        "engine log": ("logs",),
    },
}
BY_WORD: Final = {
    directive: {word: typed for typed, words in each.items() for word in words} for directive, each in _MEANT.items()
}


def meant_line(directive: str, word: str, rest: str = "") -> str:
    """Return what to type instead of a word after a directive, or "".

    rest: the words after it, which replace the name of an argument: `models add DIR` is `models scan DIR --add`
    """
    typed = BY_WORD.get(directive, {}).get(word.lower(), "")
    return re.sub("[A-Z]{2,}", lambda found: rest or found[0], typed, count=1)

"""The options that every command takes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

COMMON_OPTIONS: Final = (
    ("--link NODE OUTPUT INPUT", "link an output of an earlier stage (3, -1 or a name) to an input"),
    ("--link-node NODE", "link all outputs of an earlier stage to the inputs of the same names"),
    ("--no-link", "link nothing automatically"),
    ("--no-cache", "recompute, even if the result is cached"),
    ("--zip NAMES", "let axes advance together: --seed 1,2 --steps 9,8 --zip seed,steps; --zip-short cuts longer axes"),
    ("--vary WORD=A,B", "repeat the stage with a word in its prompt replaced"),
    ("--dynamic[=N]", "use all alternatives in a prompt such as {red|blue}, or N random ones, which may repeat"),
    ("--wildcards DIR", "folder with the words for __name__ in a prompt"),
)


def common_words(own: Collection[str]) -> dict[str, str]:
    """Return the common options with their help, except those that have the same name as an input of a command.

    own: the names of the inputs of the command
    """
    words = {usage.split()[0].partition("[")[0]: about for usage, about in COMMON_OPTIONS}  # `--dynamic[=N]`
    return {word: about for word, about in words.items() if word.removeprefix("--").replace("-", "_") not in own}

"""The options that every command takes."""

from __future__ import annotations

from typing import Final

COMMON_OPTIONS: Final = (
    ("--link NODE OUTPUT INPUT", "link an output of an earlier stage (3, -1 or a name) to an input"),
    ("--link-node NODE", "link all outputs of an earlier stage to the inputs of the same names"),
    ("--no-link", "link nothing automatically"),
    ("--no-cache", "recompute, even if the result is cached"),
    ("--zip NAMES", "let axes of a sweep go in step: --seed 1,2 --steps 9,8 --zip seed,steps; --zip-short cuts them"),
    ("--vary WORD=A,B", "repeat the stage with a word of its text replaced"),
    ("--dynamic[=N]", "use all alternatives in a text such as {red|blue}, or N random ones, which may repeat"),
    ("--wildcards DIR", "folder with the words for __name__ in a text"),
)

"""The options that every command takes."""

from __future__ import annotations

from typing import Final

COMMON_OPTIONS: Final = (
    ("--link NODE OUTPUT INPUT", "link an output of an earlier stage (3, -1 or a name) to an input"),
    ("--link-node NODE", "link all outputs of an earlier stage to the inputs of the same names"),
    ("--no-link", "link nothing automatically"),
    ("--no-cache", "recompute, even if the result is cached"),
)

"""Colours of the prompt: by default the terminal's own sixteen, readable on light and dark; or a Pygments style's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.styles import BaseStyle, Style

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

OWN = {
    "prompt": "bold",
    "prompt.more": "fg:ansibrightblack",
    "command": "bold fg:ansiblue",
    "directive": "bold fg:ansimagenta",
    "option": "fg:ansicyan",
    "string": "fg:ansigreen",
    "number": "fg:ansimagenta",
    "reference": "fg:ansiyellow",
    "bar": "bold",
    "comment": "italic fg:ansibrightblack",
    "wrong": "underline fg:ansired",
    "auto-suggestion": "fg:ansibrightblack",
    "bottom-toolbar": "noreverse",
    "bottom-toolbar.text": "noreverse",
    "toolbar.quiet": "fg:ansibrightblack",
    "toolbar.error": "fg:ansired",
    "toolbar.hint": "fg:ansiyellow",
    "completion-menu": "noinherit reverse",
    "completion-menu.completion": "noinherit reverse",
    "completion-menu.completion.current": "noinherit bold underline",
    "completion-menu.meta.completion": "noinherit reverse",
    "completion-menu.meta.completion.current": "noinherit bold underline",
}


def make_style(shell: Shell) -> BaseStyle:
    """Return the style of the prompt's parts."""
    return Style.from_dict(OWN)

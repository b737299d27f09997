"""Colours of the prompt: by default the terminal's own sixteen, readable on light and dark; or a Pygments style's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prompt_toolkit.styles import BaseStyle, Style

from invokeai_cli.errors import ConfigError, suggest

OWN = {
    "prompt": "bold",
    "prompt.more": "fg:ansibrightblack",
    "command": "bold fg:ansiblue",
    "directive": "bold fg:ansimagenta",
    "option": "fg:ansicyan",
    "string": "fg:ansigreen",
    "number": "fg:ansimagenta",
    "reference": "italic fg:ansicyan",
    "bar": "bold",
    "comment": "italic fg:ansibrightblack",
    "wrong": "underline fg:ansired",
    "auto-suggestion": "fg:ansibrightblack",
    "bottom-toolbar": "noreverse",
    "bottom-toolbar.text": "noreverse",
    "toolbar.quiet": "fg:ansibrightblack",
    "toolbar.error": "fg:ansired",
    "toolbar.hint": "",
    "completion-menu": "noinherit reverse",
    "completion-menu.completion": "noinherit reverse",
    "completion-menu.completion.current": "noinherit bold underline",
    "completion-menu.meta.completion": "noinherit reverse",
    "completion-menu.meta.completion.current": "noinherit bold underline",
}


LIKE = {  # our parts, by the token types that Pygments styles know
    "command": "Keyword",
    "directive": "Keyword.Namespace",
    "option": "Name.Attribute",
    "string": "Literal.String",
    "number": "Literal.Number",
    "reference": "Name.Variable",
    "bar": "Operator",
    "comment": "Comment",
}


def make_style(theme: str) -> BaseStyle:
    """Return the style of the prompt's parts. Raises: ConfigError, for a theme that is not there."""
    return Style.from_dict(OWN if theme == "auto" else OWN | _from_pygments(theme))


def _from_pygments(theme: str) -> dict[str, str]:
    from pygments.styles import get_all_styles, get_style_by_name  # type: ignore[import-untyped]
    from pygments.token import string_to_tokentype  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        found = get_style_by_name(theme)
    except ClassNotFound:
        hint = suggest(theme, ["auto", *get_all_styles()], "`auto` is the terminal's own colours")
        raise ConfigError(f"there is no theme `{theme}`", hint) from None
    return {part: _look(found.style_for_token(string_to_tokentype(name))) for part, name in LIKE.items()}


def _look(style: Mapping[str, Any]) -> str:
    """Return how a Pygments style draws a token, in prompt_toolkit's words."""
    words = [word for word in ("bold", "italic", "underline") if style[word]]
    return " ".join([*words, f"fg:#{style['color']}"] if style["color"] else words)

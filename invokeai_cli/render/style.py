"""Colours of the prompt: by default of a middle brightness, readable on light and dark; or a Pygments style's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prompt_toolkit.styles import BaseStyle, Style

from invocations.language.did_you_mean import did_you_mean
from workflows.problems import ConfigError

BLUE, TEAL, GREEN, PURPLE, RED, GREY = "#0087d7", "#00969b", "#3c9632", "#af5fd7", "#e53935", "#808080"
OWN = {  # every colour has a contrast of 3 : 1 at least to black and to white
    "prompt": "bold",
    "prompt.more": f"fg:{GREY}",
    "command": f"bold fg:{BLUE}",
    "directive": f"bold fg:{PURPLE}",
    "option": f"fg:{TEAL}",
    "string": f"fg:{GREEN}",
    "number": f"fg:{PURPLE}",
    "reference": f"italic fg:{TEAL}",
    "bar": "bold",
    "comment": f"italic fg:{GREY}",
    "wrong": f"underline fg:{RED}",
    "auto-suggestion": f"fg:{GREY}",
    "bottom-toolbar": "noreverse",
    "bottom-toolbar.text": "noreverse",
    "toolbar.quiet": f"fg:{GREY}",
    "toolbar.error": f"fg:{RED}",
    "toolbar.hint": "",
}
PLAIN_MENU = {  # without colour
    "completion-menu": "noinherit reverse",
    "completion-menu.completion": "noinherit reverse",
    "completion-menu.completion.current": "noinherit bold underline",
    "completion-menu.meta.completion": "noinherit reverse",
    "completion-menu.meta.completion.current": "noinherit bold underline",
}
MENU = {  # a ground of its own, so that it is read on any
    "completion-menu": "noinherit bg:#303030 fg:#e4e4e4",
    "completion-menu.completion": "noinherit bg:#303030 fg:#e4e4e4",
    "completion-menu.completion.current": "noinherit bg:#005f87 fg:#ffffff bold",
    "completion-menu.meta.completion": "noinherit bg:#303030 fg:#b2b2b2",
    "completion-menu.meta.completion.current": "noinherit bg:#005f87 fg:#ffffff",
    "scrollbar.background": "bg:#303030",
    "scrollbar.button": "bg:#4e4e4e",
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


def make_style(theme: str, *, color: bool = True) -> BaseStyle:
    """Return the style of the prompt's parts. Raises: ConfigError, for a theme that is not there."""
    parts = OWN | (MENU if color else PLAIN_MENU)
    return Style.from_dict(parts if theme == "auto" else parts | _from_pygments(theme))


def _from_pygments(theme: str) -> dict[str, str]:
    from pygments.styles import get_all_styles, get_style_by_name  # type: ignore[import-untyped]
    from pygments.token import string_to_tokentype  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        found = get_style_by_name(theme)
    except ClassNotFound:
        hint = did_you_mean(theme, ["auto", *get_all_styles()], "`auto` is the terminal's own colours")
        raise ConfigError(f"there is no theme `{theme}`", hint) from None
    return {part: _look(found.style_for_token(string_to_tokentype(name))) for part, name in LIKE.items()}


def _look(style: Mapping[str, Any]) -> str:
    """Return how a Pygments style draws a token, in prompt_toolkit's words."""
    words = [word for word in ("bold", "italic", "underline") if style[word]]
    return " ".join([*words, f"fg:#{style['color']}"] if style["color"] else words)

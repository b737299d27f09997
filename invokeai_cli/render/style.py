"""Colors of the interactive prompt: the palette, or the colors of a Pygments style."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prompt_toolkit.styles import BaseStyle, Style

from invocations.language.did_you_mean import did_you_mean
from workflows.problems import ConfigError

from .paint import BLUE, GREEN, GREY, PURPLE, RED, TEAL

OWN = {
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
PLAIN_MENU = {  # the styles for the menu if there is no color
    "completion-menu": "noinherit reverse",
    "completion-menu.completion": "noinherit reverse",
    "completion-menu.completion.current": "noinherit bold underline",
    "completion-menu.meta.completion": "noinherit reverse",
    "completion-menu.meta.completion.current": "noinherit bold underline",
}
MENU = {  # the menu has its own background, so that it is readable on any terminal
    "completion-menu": "noinherit bg:#303030 fg:#e4e4e4",
    "completion-menu.completion": "noinherit bg:#303030 fg:#e4e4e4",
    "completion-menu.completion.current": "noinherit bg:#005f87 fg:#ffffff bold",
    "completion-menu.meta.completion": "noinherit bg:#303030 fg:#b2b2b2",
    "completion-menu.meta.completion.current": "noinherit bg:#005f87 fg:#ffffff",
    "scrollbar.background": "bg:#303030",
    "scrollbar.button": "bg:#4e4e4e",
}


PYGMENTS = {  # maps the parts of the interactive prompt to the token types of Pygments styles
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
    """Return the style for the parts of the interactive prompt. Raises: ConfigError for an unknown theme."""
    parts = OWN | (MENU if color else PLAIN_MENU)
    return Style.from_dict(parts if theme == "auto" else parts | _from_pygments(theme))


def _from_pygments(theme: str) -> dict[str, str]:
    from pygments.styles import get_all_styles, get_style_by_name  # type: ignore[import-untyped]
    from pygments.token import string_to_tokentype  # type: ignore[import-untyped]
    from pygments.util import ClassNotFound  # type: ignore[import-untyped]

    try:
        found = get_style_by_name(theme)
    except ClassNotFound:
        hint = did_you_mean(theme, ["auto", *get_all_styles()], "`auto` uses the terminal's own colors")
        raise ConfigError(f"there is no theme `{theme}`", hint) from None
    return {part: _look(found.style_for_token(string_to_tokentype(name))) for part, name in PYGMENTS.items()}


def _look(style: Mapping[str, Any]) -> str:
    """Return a token's Pygments style as a prompt_toolkit style."""
    words = [word for word in ("bold", "italic", "underline") if style[word]]
    return " ".join([*words, f"fg:#{style['color']}"] if style["color"] else words)

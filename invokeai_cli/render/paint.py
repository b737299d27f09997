"""Style text with terminal escape codes; only the styles of rich are imported, which is fast."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from invokeai_cli.environment import Environment

# The program's colors, all of medium brightness, with a contrast of at least 3:1 with both black and white.
BLUE, TEAL, GREEN, PURPLE, RED, GREY = "#0087d7", "#00969b", "#3c9632", "#af5fd7", "#e53935", "#808080"
STYLES: Final = {  # in rich's notation for styles
    "heading": "bold",
    "command": f"bold {BLUE}",
    "code": TEAL,
    "good": GREEN,
    "bad": f"bold {RED}",
    "dim": "dim",
    "none": "",
}

Paint = Callable[[str, str], str]  # takes a style and a string, returns the styled string
ColorSystem = Literal["standard", "256", "truecolor"]


def make_paint(environment: Environment, *, color: bool) -> Paint:
    """Return a function that styles text; without color it returns text unchanged, and rich is not imported."""
    if not color:
        return plain_paint
    from rich.color import ColorSystem as System
    from rich.style import Style

    depth = {"standard": System.STANDARD, "256": System.EIGHT_BIT, "truecolor": System.TRUECOLOR}
    system = depth[color_system(environment)]
    styles = {name: Style.parse(style) for name, style in STYLES.items()}
    return lambda style, text: styles[style].render(text, color_system=system)


def plain_paint(style: str, text: str) -> str:
    """Return the text without a style."""
    return text


def color_system(environment: Environment) -> ColorSystem:
    """Return how many colors a terminal shows, according to its environment variables."""
    if environment.variable("COLORTERM") in ("truecolor", "24bit"):
        return "truecolor"
    term = environment.variable("TERM")
    return "256" if "256" in term or term.startswith(("tmux", "xterm-kitty", "alacritty", "foot")) else "standard"

"""Paths as hyperlinks (OSC 8), on terminals known to support hyperlinks; other terminals might print the codes."""

from __future__ import annotations

import os
import socket
from typing import Final
from urllib.parse import quote

from invokeai_cli.environment import Environment

# values of TERM_PROGRAM
PROGRAMS: Final = frozenset({"iTerm.app", "WezTerm", "vscode", "Hyper", "ghostty", "Tabby", "rio"})
MARKS: Final = (
    "KITTY_WINDOW_ID",
    "WT_SESSION",
    "KONSOLE_VERSION",
    "DOMTERM",
    "ALACRITTY_WINDOW_ID",
)  # variables that are set by terminals with hyperlinks
# the values of TERM begin with one of these
TERMS: Final = ("xterm-kitty", "xterm-ghostty", "foot", "alacritty", "contour")
MIN_VTE: Final = 5000  # older versions of GNOME Terminal's library display the codes


def knows_hyperlinks(environment: Environment) -> bool:
    """Return True if the terminal's variables show that it supports hyperlinks; FORCE_HYPERLINK overrides them."""
    forced = environment.variable("FORCE_HYPERLINK")
    if forced:
        return forced != "0"
    if environment.variable("TMUX") or environment.variable("TERM").startswith(("screen", "dumb")):
        return False  # whether tmux and screen pass hyperlinks on depends on their settings
    vte = environment.variable("VTE_VERSION")
    return (
        environment.variable("TERM_PROGRAM") in PROGRAMS
        or any(map(environment.variable, MARKS))
        or environment.variable("TERM").startswith(TERMS)
        or (vte.isascii() and vte.isdigit() and int(vte[:6]) >= MIN_VTE)
    )


def linked(environment: Environment, text: str) -> str:
    """Return a path as a hyperlink to its file, or unchanged if there is no such file."""
    path = os.path.abspath(os.path.join(environment.folder, text))
    if not os.path.isfile(path):
        return text
    address = f"file://{quote(socket.gethostname())}{quote(os.fsencode(path))}"
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"

"""The program's colors, all of medium brightness, with a contrast of at least 3:1 with both black and white."""

from __future__ import annotations

from typing import Final

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

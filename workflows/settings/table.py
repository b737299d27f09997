"""The settings there are, as a table, and how the value of one is read from text or from a file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Any, Final, Literal

Kind = Literal["text", "choice", "bool", "int", "path", "paths"]

TEMPLATE: Final = "{index:06}-{seed}-{prompt:.40}.png"
DEVICES: Final = r"auto|cpu|mps|cuda(:\d{1,3})?"
PREFIX: Final = "INVOKEAI_"
YES: Final = frozenset({"1", "true", "yes", "on"})
NO: Final = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting; `project` tells whether a project's file may hold it (what runs code may only be the user's own)."""

    name: str
    kind: Kind
    default: Any
    description: str
    choices: tuple[str, ...] = ()
    project: bool = True
    pattern: str = ""  # what a text must match as a whole

    @property
    def variable(self) -> str:
        """Return the environment variable that sets it."""
        return PREFIX + self.name.upper()


SETTINGS: Final = (
    Setting("device", "text", "auto", "where models run: auto, cpu, cuda, cuda:1, mps", pattern=DEVICES),
    Setting("dtype", "choice", "auto", "numbers the models compute with", ("auto", "float32", "bfloat16", "float16")),
    Setting("output_dir", "path", ".", "where pictures are written that were given no name"),
    Setting("template", "text", TEMPLATE, "name of a picture that was given none"),
    Setting("max_megapixels", "int", 64, "largest picture that is read, in millions of pixels"),
    Setting("models_dirs", "paths", (), "more folders to look for models in"),
    Setting("nodes_dirs", "paths", (), "more folders to look for your own nodes and recipes in", project=False),
    Setting("cache", "bool", True, "whether results may be reused"),
    Setting("cache_gigabytes", "int", 10, "room for results that are kept for reuse, with their pictures"),
    Setting("keep_going", "bool", False, "whether a script goes on after a line that failed"),
    Setting("color", "choice", "auto", "colour in the terminal", ("auto", "always", "never")),
    Setting(
        "preview",
        "choice",
        "auto",
        "how pictures are shown in the terminal",
        ("auto", "kitty", "iterm", "sixel", "blocks", "none"),
    ),
    Setting("theme", "text", "auto", "colours of the prompt: auto, or the name of a Pygments style"),
    Setting("accessible", "bool", False, "plain lines, no animation, no pictures in the terminal: for a screen reader"),
    Setting("warm_up", "bool", True, "whether the prompt loads the model behind the typing"),
)
BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


class NotAValue(ValueError):
    """A text or a datum that a setting does not take; the message tells what it takes."""


def from_text(setting: Setting, text: str, folder: str) -> Any:
    """Return the value a text stands for; relative paths start at `folder`. Raises: NotAValue."""
    if setting.kind == "bool":
        word = text.strip().lower()
        if word not in YES | NO:
            raise NotAValue("is yes or no")
        return word in YES
    if setting.kind == "paths":
        return tuple(absolute(part, folder) for part in text.split(os.pathsep) if part)
    if setting.kind == "int":
        digits = text.strip()
        return from_data(
            setting, int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else text, folder
        )
    return from_data(setting, text, folder)


def from_data(setting: Setting, data: Any, folder: str) -> Any:
    """Return the value of what a TOML file holds. Raises: NotAValue."""
    if setting.kind == "bool":
        if not isinstance(data, bool):
            raise NotAValue("is true or false")
        return data
    if setting.kind == "int":
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data < 1_000_000:
            raise NotAValue("is a whole number from 1 to 999999")
        return data
    if setting.kind == "paths":
        parts = [data] if isinstance(data, str) else data
        if not isinstance(parts, list) or not all(isinstance(part, str) and part for part in parts):
            raise NotAValue("is a list of folders")
        return tuple(absolute(part, folder) for part in parts)
    if not isinstance(data, str) or not data.strip() or "\0" in data:
        raise NotAValue("is a text")
    if setting.kind == "choice" and data not in setting.choices:
        raise NotAValue(f"is one of {', '.join(setting.choices)}")
    if setting.pattern and not re.fullmatch(setting.pattern, data):
        raise NotAValue("is " + setting.description.rpartition(": ")[2])
    return absolute(data, folder) if setting.kind == "path" else data


def as_text(value: Any) -> str:
    """Return a setting's value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return os.pathsep.join(map(str, value)) or "(none)"
    return str(value)


def absolute(text: str, folder: str) -> str:
    """Return a path that starts at a folder as an absolute one, `~` the user's home."""
    return os.path.normpath(os.path.join(folder, os.path.expanduser(text)))

"""The table of settings, and functions that read their values from strings and from TOML."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any, Final, Literal

from invocations.frozen import frozen

Kind = Literal["text", "choice", "bool", "int", "size", "path", "paths"]

TEMPLATE: Final = "{index:06}-{seed}-{prompt:.40}-{stem:.40}.png"
DEVICES: Final = r"auto|cpu|mps|cuda(:\d{1,3})?"
AUTO: Final = "auto"
LOCAL: Final = "local"  # the server that is this machine
PREFIX: Final = "INVOKEAI_"
FACTORS: Final = {"TiB": 2**40, "TB": 10**12, "GiB": 2**30, "GB": 10**9, "MiB": 2**20, "MB": 10**6, "kB": 10**3, "B": 1}
LOWEST_BYTES: Final = 10**6  # the smallest size that a setting accepts
SIZE: Final = "must be a size, such as 20 GB or 500 MB"
YES: Final = frozenset({"1", "true", "yes", "on"})
NO: Final = frozenset({"0", "false", "no", "off"})


@frozen
class Setting:
    """A setting of the program.

    choices: all values it accepts, if they are few
    common: values that completion offers, although others are accepted too
    project: whether a project's file may set it; False for settings that can make the program run code
    pattern: a regular expression that the whole value must match
    highest: the largest integer it accepts; the smallest is 1
    spellings: short forms of values
    """

    name: str
    kind: Kind
    default: Any
    description: str
    choices: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    project: bool = True
    pattern: str = ""
    highest: int = 999_999
    spellings: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> tuple[str, ...]:
        """The values that completion offers."""
        usual = {"bool": ("yes", "no"), "size": (self.default,)}.get(self.kind, ())
        return self.choices or self.common or usual

    @property
    def purpose(self) -> str:
        """The description, without the values if `InvalidValue` lists them."""
        return self.description.rpartition(": ")[0] if self.pattern else self.description

    @property
    def variable(self) -> str:
        """The environment variable that sets this setting."""
        return PREFIX + self.name.upper()


SETTINGS: Final = (
    Setting(
        "device",
        "text",
        "auto",
        "device that runs the models: auto, cpu, cuda, cuda:1, mps",
        common=("auto", "cpu", "cuda", "mps"),
        pattern=DEVICES,
    ),
    Setting(
        "dtype",
        "choice",
        "auto",
        "precision of the models' computations",
        ("auto", "float32", "bfloat16", "float16"),
        spellings={"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"},
    ),
    Setting(
        "batch",
        "text",
        "1",
        "images that are denoised at once: "
        "a number from 1 to 999, or auto (as many as memory allows; on a CPU, only small models)",
        common=(AUTO, "1", "4"),
        pattern=r"auto|[1-9]\d{0,2}",
    ),
    Setting(
        "jobs",
        "text",
        "1",
        "worker processes that run nodes: a number from 1 to 99, or auto (one for each graphics card)",
        common=(AUTO, "1", "2"),
        pattern=r"auto|[1-9]\d?",
    ),
    Setting(
        "engine",
        "choice",
        "off",
        "background process that keeps models loaded: off, on, or auto (if it is running; started after a slow load)",
        ("off", "auto", "on"),
    ),
    Setting(
        "server",
        "text",
        LOCAL,
        "where the nodes of lines run: local (this machine), or the address of a machine with `invokeai serve`",
        project=False,
    ),
    Setting(
        "ram_limit",
        "size",
        AUTO,
        "memory for loaded models, such as 8 GB, for all workers together; auto: 60 % of what is available",
    ),
    Setting(
        "vram_limit",
        "size",
        AUTO,
        "memory for models on each graphics card, such as 6 GB, for all its workers together; auto: what is free, "
        "less 3 GB for each worker",
    ),
    Setting(
        "idle_unload",
        "text",
        AUTO,
        "minutes after which an unused model is unloaded: "
        "a number from 1 to 99999, never, or auto (10, on a graphics card)",
        common=(AUTO, "never", "10"),
        pattern=r"auto|never|[1-9]\d{0,4}",
    ),
    Setting("output_dir", "path", ".", "folder for images saved without a file name"),
    Setting("template", "text", TEMPLATE, "template for the names of images saved without a file name"),
    Setting("max_megapixels", "int", 64, "maximum size of images to read, in megapixels"),
    Setting("png_compression", "int", 4, "compression of saved PNG files, from 1 (fast) to 9 (small)", highest=9),
    Setting(
        "models_dirs",
        "paths",
        (),
        "folders to search for models, in addition to your models folder (see `config path`)",
    ),
    Setting("nodes_dirs", "paths", (), "additional folders to search for your own nodes and recipes", project=False),
    Setting("wildcards_dirs", "paths", (), "folders of wildcard files, for `__name__` in dynamic prompts"),
    Setting("cache", "bool", True, "use cached results"),
    Setting("cache_gigabytes", "int", 10, "maximum size of cached results in gigabytes, including images"),
    Setting("disk_limit", "size", AUTO, "disk space for all caches, such as 50 GB; auto: cache_gigabytes + 12 GB"),
    Setting("max_items", "int", 256, "maximum number of items of a sweep that runs without asking", highest=100_000),
    Setting("keep_going", "bool", False, "continue a script after a failed line"),
    Setting("color", "choice", "auto", "whether to use colors in the terminal", ("auto", "always", "never")),
    Setting(
        "preview",
        "choice",
        "auto",
        "how to show images in the terminal",
        ("auto", "kitty", "iterm", "sixel", "blocks", "none"),
    ),
    Setting("theme", "text", "auto", "colors of the interactive prompt: auto, or the name of a Pygments style"),
    Setting("accessible", "bool", False, "for screen readers: plain lines, no animation, no images in the terminal"),
    Setting("warm_up", "bool", True, "load the model in the background while you type"),
)
BY_NAME: Final = {setting.name: setting for setting in SETTINGS}


class Size(int):
    """A number of bytes that is written with its unit, such as `20 GB`."""

    def __str__(self) -> str:
        unit = next(unit for unit, factor in FACTORS.items() if self >= factor and self * 10 % factor == 0)
        return f"{self / FACTORS[unit]:.15g} {unit}"


class InvalidValue(ValueError):
    """A setting does not accept a value; the message says what the value must be."""


def find_setting(name: str) -> Setting | None:
    """Return the setting with this name, which may be written with a dot (`disk.limit`), or None."""
    return BY_NAME.get(name.replace(".", "_"))


def from_text(setting: Setting, text: str, folder: str) -> Any:
    """Parse a string as the value of a setting; relative paths start at `folder`. Raises: InvalidValue."""
    if setting.kind == "bool":
        word = text.strip().lower()
        if word not in YES | NO:
            raise InvalidValue("must be yes or no")
        return word in YES
    if setting.kind == "paths":
        _refuse_address(text)
        return tuple(absolute(part, folder) for part in text.split(os.pathsep) if part)
    if setting.kind == "int":
        digits = text.strip()
        return from_data(
            setting, int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else text, folder
        )
    return from_data(setting, text, folder)


def from_data(setting: Setting, data: Any, folder: str) -> Any:
    """Convert a TOML value to the value of a setting; relative paths start at `folder`. Raises: InvalidValue."""
    if setting.kind == "bool":
        if not isinstance(data, bool):
            raise InvalidValue("must be true or false")
        return data
    if setting.kind == "int":
        if not isinstance(data, int) or isinstance(data, bool) or not 0 < data <= setting.highest:
            raise InvalidValue(f"must be an integer from 1 to {setting.highest}")
        return data
    if setting.kind == "paths":
        parts = [data] if isinstance(data, str) else data
        if not isinstance(parts, list) or not all(isinstance(part, str) and part for part in parts):
            raise InvalidValue("must be a list of folders")
        _refuse_address(*parts)
        return tuple(absolute(part, folder) for part in parts)
    if setting.pattern and type(data) is int and re.fullmatch(setting.pattern, "1"):
        data = str(data)  # the setting takes numbers and words
    if not isinstance(data, str) or not data.strip() or "\0" in data:
        raise InvalidValue(_needed(setting))
    if setting.kind == "size":
        return AUTO if data == setting.default == AUTO else _size(data)
    data = setting.spellings.get(data, data)
    if setting.kind == "choice" and data not in setting.choices:
        raise InvalidValue(_needed(setting))
    if setting.pattern and not re.fullmatch(setting.pattern, data):
        raise InvalidValue(_needed(setting))
    if setting.kind == "path":
        _refuse_address(data)
        return absolute(data, folder)
    return data


def _needed(setting: Setting) -> str:
    """Return what the value of a setting that is written as a string must be."""
    if setting.choices:
        return f"must be one of {', '.join(setting.choices)}"
    if setting.pattern:
        return "must be " + setting.description.rpartition(": ")[2]
    return {"path": "must be a folder", "size": SIZE}.get(setting.kind, "must be a string")


def _size(text: str) -> Size:
    found = re.fullmatch(r"(\d{1,15}(?:\.\d{1,3})?) ?(b|[kmgt]i?)b?", text.strip().lower(), re.ASCII)
    if found is None:
        raise InvalidValue(SIZE)
    factor = next(factor for unit, factor in FACTORS.items() if unit.lower().removesuffix("b") == found[2].strip("b"))
    if (size := Size(float(found[1]) * factor)) < LOWEST_BYTES:
        raise InvalidValue(f"must be at least {Size(LOWEST_BYTES)}")
    return size


def _refuse_address(*paths: str) -> None:
    if any("://" in path for path in paths):
        raise InvalidValue("must be a folder on this machine")


def as_text(value: Any) -> str:
    """Return a setting's value as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return os.pathsep.join(map(str, value)) or "(none)"
    return str(value)


def absolute(text: str, folder: str) -> str:
    """Return the absolute form of a path that is relative to a folder; `~` is the user's home folder."""
    return os.path.normpath(os.path.join(folder, os.path.expanduser(text)))

"""The names of images on the shelf, by which lines use them: words without anything that a path could contain."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from invocations.errors import BadValue

MAX_NAME: Final = 100  # characters
MAX_FROM_FILE: Final = 60
NAME: Final = re.compile(r"\w(?:[\w.+-]*[\w+-])?")
IMAGE_ID: Final = re.compile(r"[0-9a-f]{64}")
SUFFIXES: Final = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
RULE: Final = "use letters, digits, `-`, `_`, `+` and `.`, beginning with a letter or a digit"


def is_image_id(text: str) -> bool:
    """Return True if a string has the form of the id of an image: 64 hexadecimal digits."""
    return IMAGE_ID.fullmatch(text) is not None


def is_name(text: str) -> bool:
    """Return True if a string can be the name of an image."""
    return len(text) <= MAX_NAME and NAME.fullmatch(text) is not None and not is_image_id(text)


def checked_name(text: str) -> str:
    """Return a name for an image, without the suffix of an image file. Raises: BadValue."""
    name = without_suffix(unicodedata.normalize("NFC", text.strip()))
    if len(name) > MAX_NAME:
        message = f"the name has {len(name)} characters; it can have at most {MAX_NAME}"
        raise BadValue("name", message, "shorten it")
    if not is_name(name):
        shown = "".join(each if each.isprintable() else "?" for each in text)[:MAX_NAME]
        raise BadValue("name", f"an image cannot be named `{shown}`", RULE)
    return name


def name_of_file(file_name: str) -> str:
    """Return a name for an image that was sent as a file with this name; "" if nothing of it can be used."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", file_name))[-1]
    words = re.sub(r"[^\w.+-]+", "-", without_suffix(last))[:MAX_FROM_FILE].strip("-._+")
    return words if is_name(words) else ""


def without_suffix(name: str) -> str:
    """Return a name without the suffix of an image file, if it has one after at least one character."""
    stem, dot, suffix = name.rpartition(".")
    return stem if stem and f"{dot}{suffix}".lower() in SUFFIXES else name


def numbered(name: str, number: int) -> str:
    """Return a name with a number, such as `house-2`, within the maximum length."""
    end = f"-{number}"
    return name[: MAX_NAME - len(end)].rstrip(".") + end

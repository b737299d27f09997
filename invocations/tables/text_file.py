"""Decode text files written by users: UTF-8, or UTF-16 and UTF-32 with a byte order mark, with any line endings."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from typing import Final

from invocations.errors import TextFileError

MARKS: Final = (  # UTF-32 first, because its little-endian mark begins with that of UTF-16
    (BOM_UTF8, "utf-8"), (BOM_UTF32_LE, "utf-32"), (BOM_UTF32_BE, "utf-32"),
    (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
NAMES: Final = {"utf-8": "UTF-8", "utf-16": "UTF-16", "utf-32": "UTF-32"}
LINE_END: Final = re.compile(r"\r\n|\r|\n")  # `str.splitlines` also splits at form feeds and other characters
SAVE_AS: Final = "save it as UTF-8; in a spreadsheet, choose `CSV UTF-8`"


def decoded(data: bytes, name: str) -> str:
    """Return the text in the bytes of a file, without a byte order mark. Raises: TextFileError."""
    mark, encoding = next((each for each in MARKS if data.startswith(each[0])), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding) if encoding == "utf-8" else data.decode(encoding)
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode(encoding, "replace")
        place = f"line {len(LINE_END.findall(before)) + 1}"
        raise TextFileError(name, f"not {NAMES[encoding]}", SAVE_AS, place=place) from None
    if "\0" in text:
        raise TextFileError(name, "is not a text file: it contains null bytes", "save it as UTF-8 text")
    return text


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, without line endings and without an empty last line."""
    found = LINE_END.split(text)
    return found[:-1] if not found[-1] else found


def kept_lines(text: str, *, comment: str = "") -> list[str]:
    """Return the lines that have content, without spaces around them; lines that begin with `comment` are left out."""
    stripped = [line.strip() for line in lines_of(text)]
    return [line for line in stripped if line and not (comment and line.startswith(comment))]

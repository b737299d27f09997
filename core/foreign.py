"""Read data that other programs wrote, always with the same limits on size and depth and the same error.

Code that reads a file, JSON or TOML that this program may not have written uses these functions.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
from collections.abc import Callable
from operator import attrgetter
from typing import Any, BinaryIO, Final

MAX_BYTES: Final = 64 * 2**20  # maximum size of a file with text or settings
MAX_TEXT_BYTES: Final = 4 * 2**20  # maximum size of a metadata string; the largest known workflows take 1 MB
MAX_DEPTH: Final = 64  # maximum depth to which lists and objects may be nested
MAX_DIGITS: Final = 40  # maximum number of digits in an integer; the largest seed has 20 digits

TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"
TOO_LONG = "has a number with too many digits"

_MANY_DIGITS = re.compile(rf"\d{{{MAX_DIGITS + 1}}}", re.ASCII)
_LARGE_EXPONENT = re.compile(r"[eE]\+?\d{3}", re.ASCII)
_INHERITED = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")  # pipes that a shell has opened for this process


MALFORMED: Final = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""The exceptions that reading damaged data causes, such as a list where an object is expected."""

FileState = tuple[int, int, int]
Pairs = Callable[[list[tuple[str, Any]]], Any]


class ForeignData(ValueError):
    """Raised if data is too large, too deeply nested or malformed; the message is a predicate: `is not JSON`."""


def open_file(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file, or a pipe that a shell has passed, for reading. Raises: OSError, ForeignData.

    Named pipes and devices are refused, because reading from one might never end.
    """
    try:
        mode = os.stat(path).st_mode
    except ValueError as error:  # the name contains a null byte
        raise ForeignData("has a name with a null byte") from error
    inherited = stat.S_ISFIFO(mode) and os.fspath(path).startswith(_INHERITED)
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or inherited):
        raise ForeignData("is not a regular file")
    return open(path, "rb")


file_state: Callable[[os.stat_result], FileState] = attrgetter("st_ino", "st_size", "st_mtime_ns")
"""Returns what changes whenever a file is replaced or rewritten: its inode, size in bytes and time of change."""


def read_bytes(path: str | os.PathLike[str], *, limit: int = MAX_BYTES) -> bytes:
    """Return the content of a file of at most `limit` bytes. Raises: OSError, ForeignData."""
    with open_file(path) as file:
        room = min(os.fstat(file.fileno()).st_size or limit, limit)  # `read` reserves this much memory at once
        data = file.read(room + 1)
        if len(data) > room:  # the file is too large, or it is growing
            data += file.read(limit + 1 - len(data))
    if len(data) > limit:
        raise ForeignData(too_large(limit))
    return data


def too_large(limit: int) -> str:
    """Return a predicate for data of more than `limit` bytes: `is larger than 64 MiB`."""
    return f"is larger than {limit // 2**20} MiB" if limit >= 2**20 else f"is larger than {limit} bytes"


def read_text(path: str | os.PathLike[str], *, limit: int = MAX_BYTES) -> str:
    """Return the content of a UTF-8 file. Raises: OSError, ForeignData."""
    return _as_text(read_bytes(path, limit=limit))


def json_data(text: str | bytes, *, pairs: Pairs | None = None, checked: bool = False) -> Any:
    """Return the data in a JSON string; NaN and Infinity, which are not JSON, become None. Raises: ForeignData.

    pairs: a function that makes an object from its keys and values (default: a dict). checked: whether the caller
    checks the size of every number, so a number that is too large does not make the whole string unreadable.
    """
    text = _as_text(text)
    numbers: dict[str, Any] = {}
    if not checked and (_MANY_DIGITS.search(text) or _LARGE_EXPONENT.search(text)):
        numbers = {"parse_int": _integer, "parse_float": _float}
    try:
        data = json.loads(text, parse_constant=_none, object_pairs_hook=pairs, **numbers)
    except (ValueError, RecursionError) as error:
        raise _failed(error) from error
    _check_depth(data, text)
    return data


def stored_json(text: str | bytes) -> Any:
    """Return the data in a JSON string that this program wrote and that may be damaged. Raises: ForeignData."""
    try:
        return json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise _failed(error) from error


def toml_data(text: str | bytes) -> dict[str, Any]:
    """Return the data in a TOML string. Raises: ForeignData."""
    import tomllib  # imported here because most runs read no TOML

    text = _as_text(text)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ForeignData(f"is not TOML: {error}") from error
    except (ValueError, RecursionError) as error:
        raise _failed(error) from error
    _check_depth(data, text, nesting="[{.")
    return data


def string(value: object) -> str:
    """Return the value if it is a string. Raises: ForeignData."""
    if not isinstance(value, str):
        raise ForeignData(f"{value!r:.40} is not a string")
    return value


def whole(value: object) -> int:
    """Return the value if it is an integer of at most 64 bits. Raises: ForeignData."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**64:
        raise ForeignData(f"{_short(value)} is not a whole number")
    return value


def number(value: object) -> float:
    """Return the value as a float if it is a finite number. Raises: ForeignData."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            found = float(value)
        except OverflowError:
            found = math.inf
        if math.isfinite(found):
            return found
    raise ForeignData(f"{_short(value)} is not a number")


def _short(value: object) -> str:
    """Format a value for an error message; Python refuses to print an integer of more than 4300 digits."""
    return "a huge integer" if isinstance(value, int) and abs(value) >= 2**64 else f"{value!r:.40}"


def _as_text(text: str | bytes) -> str:
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ForeignData("is not text in UTF-8") from error


def _failed(error: Exception) -> ForeignData:
    if isinstance(error, (ForeignData, RecursionError)):
        return error if isinstance(error, ForeignData) else ForeignData(TOO_DEEP)
    return ForeignData(f"is not JSON: {error}" if isinstance(error, json.JSONDecodeError) else TOO_LONG)


def _check_depth(data: object, text: str, nesting: str = "[{") -> None:
    """Raise ForeignData if lists and objects are nested deeper than `MAX_DEPTH`, which no known tool exceeds."""
    if sum(map(text.count, nesting)) <= MAX_DEPTH or not isinstance(data, (dict, list)):
        return
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return
    raise ForeignData(TOO_DEEP)


def _none(_: str) -> None:
    return None


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ForeignData(TOO_LONG)
    return int(digits)


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ForeignData(f"has a number that is too large: {text:.40}")
    return number

"""Read one wildcard file: a line of text for each value, or lists in YAML or JSON."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from invocations.errors import TextFileError
from invocations.foreign import ForeignData, json_data, read_bytes
from invocations.foreign_yaml import MAX_YAML_BYTES, MAX_YAML_DEPTH, yaml_data
from invocations.frozen import frozen
from invocations.tables.text_file import decoded, kept_lines

from .errors import DynamicError

TEXT: Final = ".txt"
JSON: Final = ".json"
STRUCTURED: Final = (".yaml", ".yml", JSON)
FORMATS: Final = "wildcard files are text in UTF-8, YAML or JSON"
MAX_BYTES: Final = 16 * 2**20
MAX_LINES: Final = 100_000
_WEIGHTED: Final = re.compile(r"(\d{1,9}(?:\.\d{0,9})?)::(.*)", re.DOTALL)
_NUMBER: Final = re.compile(r"[-+]?[\d.]+")


@frozen
class WildcardLine:
    """One value of a wildcard; `weight` is its relative frequency in random draws."""

    text: str
    weight: float = 1.0


def has_suffix(path: str, *suffixes: str) -> bool:
    """Whether a path ends in one of the suffixes, regardless of case."""
    return path.lower().endswith(suffixes)


def text_lines(path: str) -> list[WildcardLine]:
    """Return the lines of a text file, without empty lines and comments. Raises: DynamicError."""
    return _few_enough(path, [WildcardLine(text) for text in kept_lines(_text(path, MAX_BYTES), comment="#")])


def lists_of(path: str, name: str) -> dict[str, list[WildcardLine]]:
    """Return the lists in a YAML or JSON file, by wildcard name. Raises: DynamicError.

    name: the path of the file without its suffix, relative to the folder of the wildcards; it is the name of a list
    that is not in a mapping
    """
    try:
        data = (
            json_data(read_bytes(path, limit=MAX_BYTES))
            if has_suffix(path, JSON)
            else yaml_data(_text(path, MAX_YAML_BYTES))
        )
        return dict(_lists(path, data, name))
    except (OSError, ForeignData) as error:
        raise _unreadable(path, error) from error


def _text(path: str, limit: int) -> str:
    """Return the text of a file, without a byte order mark. Raises: DynamicError."""
    try:
        return decoded(read_bytes(path, limit=limit), path)
    except (OSError, ForeignData) as error:
        raise _unreadable(path, error) from error
    except TextFileError as error:
        raise DynamicError(f"the wildcard file {error.message}", FORMATS, place="") from error


def _lists(path: str, data: Any, name: str) -> Iterator[tuple[str, list[WildcardLine]]]:
    """Yield each list with its name: the folder of the file and the keys that lead to the list."""
    folder = f"{os.path.dirname(name)}/".lstrip("/")
    waiting = [(name, data)] if isinstance(data, list) else [(folder + key, value) for key, value in _items(data)]
    visited = 0
    while waiting:
        name, value = waiting.pop()
        visited += 1
        if visited > MAX_LINES or name.count("/") > MAX_YAML_DEPTH:
            raise ForeignData("has too many or too deeply nested entries")
        if isinstance(value, Mapping):
            waiting += [(f"{name}/{key}", inner) for key, inner in _items(value)]
        elif isinstance(value, list) or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
            items = value if isinstance(value, list) else [value]
            if lines := _few_enough(path, [line for line in map(_line, items) if line is not None]):
                yield name, lines


def _items(data: Any) -> list[tuple[str, Any]]:
    """Return the entries of a mapping, without those whose key cannot be part of a wildcard's name."""
    entries = data.items() if isinstance(data, Mapping) else ()
    return [(key, value) for key, value in entries if isinstance(key, str) and not _NUMBER.fullmatch(key)]


def _line(item: Any) -> WildcardLine | None:
    """Parse an item of a list: `string`, `3::string`, or a mapping with `text` and `weight`; None if it is empty."""
    if isinstance(item, Mapping):
        text, weight = item.get("text") or item.get("content"), item.get("weight", 1)
        item = f"{weight}::{text}" if isinstance(text, str) else ""
    if not isinstance(item, (str, int, float)) or isinstance(item, bool):
        return None
    match = _WEIGHTED.fullmatch(str(item).strip())
    line = WildcardLine(match[2].strip(), float(match[1])) if match else WildcardLine(str(item).strip())
    return line if line.text else None


def _few_enough(path: str, lines: list[WildcardLine]) -> list[WildcardLine]:
    if len(lines) > MAX_LINES:
        raise DynamicError(f"the wildcard file `{path}` has more than {MAX_LINES:,} lines", place="")
    return lines


def _unreadable(path: str, error: OSError | ForeignData) -> DynamicError:
    said = f"cannot be read: {error.strerror}" if isinstance(error, OSError) else str(error)
    return DynamicError(f"the wildcard file `{path}` {said}", FORMATS, place="")

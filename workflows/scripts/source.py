"""Read a script file, and split it into statements."""

from __future__ import annotations

import os
from collections.abc import Iterator

from invocations.foreign import MAX_BYTES, ForeignData, read_bytes, too_large
from invocations.language.level import LEVEL, stated_level
from invocations.language.script import Statement, split_lines
from workflows.problems import FileError

from .decode import UTF16_MARKS, decode


class ScriptMissing(FileError):
    """A script cannot be read."""

    code = "script_unreadable"
    refused = True


def from_file(path: str, folder: str) -> Iterator[Statement]:
    """Yield the statements in a script file. Raises: ScriptMissing."""
    return from_text(text_of(path, folder), path)


def from_text(text: str, name: str) -> Iterator[Statement]:
    """Yield the statements in the text of a script; `name` is the name of the script in errors."""
    return split_lines(text.split("\n"), name)


def level_note(text: str, name: str) -> str:
    """Return a note if a script is written for an older language level, or "". Raises: Refusal, if for a newer one."""
    level = stated_level(text.partition("\n")[0], name)
    if level is None or level == LEVEL:
        return ""
    return f"`{name}` is written for level {level} of the script language; it is read as level {LEVEL}"


def text_of(path: str, folder: str) -> str:
    """Return the text of a script file. Raises: ScriptMissing; Refusal, if it is not UTF-8."""
    try:
        data = read_bytes(os.path.join(folder, path))
    except (OSError, ForeignData) as error:
        reason = getattr(error, "strerror", None) or f"it {error}"
        raise ScriptMissing(f"the script `{path}` cannot be read: {reason}", "give the path of a text file") from error
    return text_from(data, path)


def text_from(data: bytes, name: str) -> str:
    """Decode the bytes of a script; `name` is the name of the script in errors. Raises: ScriptMissing; Refusal."""
    if len(data) > MAX_BYTES:
        message = f"the script `{name}` cannot be read: it {too_large(MAX_BYTES)}"
        raise ScriptMissing(message, "give the path of a text file")
    text = decode(data, name) if b"\0" not in data or data.startswith(UTF16_MARKS) else "\0"
    if "\0" in text:
        raise ScriptMissing(f"`{name}` is not a text file", "`run` takes a script; to recreate an image, use `replay`")
    return text

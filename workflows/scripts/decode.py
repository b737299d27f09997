"""Decode the bytes of a script: UTF-8, or UTF-16 with a byte order mark; an error points at any other bytes."""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE

from invocations.language.errors import LanguageError, Refusal
from invocations.language.source import Source, Span

NOT_UTF8 = "not_utf8"  # code of the error
UTF16_MARKS = (BOM_UTF16_LE, BOM_UTF16_BE)  # the first bytes of a file in UTF-16


def decode(data: bytes, name: str) -> str:
    """Return the text of a script, with newlines as line endings; `name` is its name in errors. Raises: Refusal."""
    encoding = "utf-16" if data.startswith(UTF16_MARKS) else "utf-8"
    try:
        text = data.removeprefix(BOM_UTF8).decode(encoding)
    except UnicodeDecodeError as error:
        raise _refusal(error.object, error.start, encoding, name) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refusal(data: bytes, at: int, encoding: str, name: str) -> Refusal:
    """Return the error that points at the first byte that cannot be decoded; such bytes are shown as escapes."""
    before, after = (part.decode(encoding, "backslashreplace") for part in (data[:at], data[at:]))
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    message = "not UTF-8; save it as UTF-8" if encoding == "utf-8" else "invalid UTF-16; save it as UTF-8"
    start = len(lines[-1])
    error = LanguageError(NOT_UTF8, message, Span(start, start + len(r"\xff")))
    return Refusal([error], Source(name, lines[-1] + (after.splitlines() or [""])[0], len(lines)))

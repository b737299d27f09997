"""Compute the results of ComfyUI's string nodes (comfy_extras/nodes_string.py, and node packs that join strings)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from workflows.importers.foreign_graph import ForeignNode
from workflows.importers.parameters import MAX_PROMPT, cut_prompt

JOINING = re.compile(r"concat|join|StringFunction\|", re.IGNORECASE)
_PART = re.compile(r"(?:text|string|prompt)_?(?:\d{1,2}|[a-z])?", re.IGNORECASE)
DELIMITERS = {"Text Concatenate": ", ", "JoinStrings": " ", "StringFunction|pysssss": ", "}  # default separators
CASES: dict[str, Callable[[str], str]] = {
    "UPPERCASE": str.upper, "lowercase": str.lower, "Capitalize": str.capitalize, "Title Case": str.title,
}  # fmt: skip
TRIMS: dict[str, Callable[[str], str]] = {"Both": str.strip, "Left": str.lstrip, "Right": str.rstrip}


class StringReader(Protocol):
    """Reads the values of a node's inputs, following links."""

    def string(self, node: ForeignNode, *names: str) -> str: ...
    def integer(self, node: ForeignNode, *names: str) -> int | None: ...
    def note(self, text: str) -> None: ...


def joined_strings(reader: StringReader, node: ForeignNode) -> str:
    """Return the input strings of a node, joined in order.

    Empty strings are joined only by ComfyUI's own node; node packs leave them out.
    """
    parts = [reader.string(node, name) for name in node.inputs if _PART.fullmatch(name)]
    delimiter = reader.string(node, "delimiter", "separator").replace("\\n", "\n") or DELIMITERS.get(node.kind, "")
    if node.kind == "StringFunction|pysssss" and reader.string(node, "action") == "replace":
        return _replaced(reader, *parts) if len(parts) == 3 and parts[1] else "".join(parts[:1])
    kept = parts if node.kind == "StringConcatenate" else [part for part in parts if part]
    return cut_prompt(delimiter.join(kept), reader.note)


def changed_string(reader: StringReader, node: ForeignNode) -> str | int | None:
    """Return the result of a node that changes one string; None if the node is not of that kind."""
    if node.kind not in ("StringTrim", "CaseConverter", "StringReplace", "StringSubstring", "StringLength"):
        return None
    text, mode = reader.string(node, "string"), reader.string(node, "mode")
    match node.kind:
        case "StringTrim":
            return TRIMS.get(mode, str)(text)
        case "CaseConverter":
            return CASES.get(mode, str)(text)
        case "StringLength":
            return len(text)
        case "StringSubstring":
            return text[reader.integer(node, "start") : reader.integer(node, "end")]
    return _replaced(reader, text, reader.string(node, "find"), reader.string(node, "replace"))


def _replaced(reader: StringReader, text: str, find: str, by: str) -> str:
    """Replace every occurrence of `find`; return the string unchanged if the result is too long for a prompt."""
    if len(text) + text.count(find) * max(len(by) - len(find), 0) > MAX_PROMPT:
        reader.note(f"a replacement is omitted: the prompt would be longer than {MAX_PROMPT} characters")
        return text
    return text.replace(find, by)

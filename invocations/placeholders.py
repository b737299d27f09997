"""The placeholders of a template such as "{a} and {b:.2f}"; `{}` stands for each value in turn."""

from __future__ import annotations

import re
from collections.abc import Iterable

PLACEHOLDERS = "placeholders"  # value of `completes` for a template whose placeholders name other inputs of the node
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(?P<name>[a-z]?)(?::(?P<form>[^{}]*))?\}|\{[^{}]*\}|[{}]")


def names_in(template: str, names: Iterable[str]) -> set[str]:
    """Return the given names that the placeholders of a template use."""
    unnamed = iter(names)
    found = (
        match["name"] or next(unnamed, "") for match in PLACEHOLDER.finditer(template) if match["name"] is not None
    )
    return set(found)

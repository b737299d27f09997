"""The words that an application reserves for itself: no node or recipe may have such a name."""

from __future__ import annotations

from collections.abc import Collection, Container

from .problems import ApplicationError


class NameClash(ApplicationError):
    """A node is named like a directive."""

    code = "name_clash"


def check_clash(types: Container[str], reserved: Collection[str]) -> None:
    """Refuse a node or a recipe named like a reserved word. Raises: NameClash."""
    for word in reserved:
        if word in types:
            raise NameClash(
                f"`{word}` is a shell directive, and a node or a recipe has the same name",
                "rename the node: directives are " + ", ".join(reserved),
            )

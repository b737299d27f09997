"""Where `save` puts images on a server: only in the gallery, under a name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from invocations.services.allowed_folder import DRIVE
from invocations.services.errors import ServiceError
from invocations.services.images.sources import URL
from invocations.services.images.target import Targets

NAME_ONLY: Final = "write a name, such as `save house`"


class ShelfTargets(Targets):
    """Targets that never stand for a file."""

    def fixed(self, written: str, format_name: str) -> Path | None:
        return None

    def pattern(self, written: str, format_name: str) -> str:
        return ""

    def expected(self, written: str, format_name: str, facts: Mapping[str, object]) -> Path | None:
        return None

    def check(self, written: str, format_name: str, others: Collection[str] = ()) -> None:
        refuse_target(written)


def refuse_target(target: str) -> None:
    """Refuse a target that could be a place on this machine. Raises: ServiceError."""
    if target == "-":
        message = "`-` stands for standard output, which a server does not have"
        raise ServiceError(message, NAME_ONLY, code="path_refused", source=target)
    if (
        any(each in target for each in ("/", "\\", "\0"))
        or target.startswith("~")
        or DRIVE.match(target)
        or ".." in target
        or URL.match(target)
    ):
        shown = "".join(each if each.isprintable() else "?" for each in target)
        message = f"`{shown}` is a path, but a server saves images only in its gallery"
        raise ServiceError(message, NAME_ONLY, code="path_refused", source=target)

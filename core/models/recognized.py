"""What is known about a file or folder that was recognized, and its conversion to and from JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .kinds.identity import UNKNOWN, Identity, ModelPart
from .sidecars import Notes


@dataclass(frozen=True, slots=True)
class Recognized:
    """A file or folder, and what it is.

    container: see `Evidence`. problem: why it is unusable, as a clause (`it is empty`), or "". code: the error's.
    distance: how far it is from a model that borrows a part: 0 in the same tree of folders, otherwise higher.
    """

    path: Path
    name: str
    container: str = ""
    identity: Identity = field(default_factory=lambda: Identity(UNKNOWN))
    size_bytes: int = 0
    notes: Notes = field(default_factory=Notes)
    problem: str = ""
    code: str = ""
    distance: int = 0


Owned = Callable[[], Iterable[Recognized]]
"""Returns what the user's models are."""


def to_json(found: Recognized) -> dict[str, Any]:
    """Return JSON data for the index: everything except the notes, which are read from beside the file again."""
    identity = {name: value for name, value in asdict(found.identity).items() if value}
    data = {"container": found.container, "identity": identity, "size_bytes": found.size_bytes}
    return {**data, "problem": found.problem, "code": found.code} if found.problem else data


def from_json(path: Path, name: str, data: Mapping[str, Any]) -> Recognized:
    """Return a model from the JSON data of `to_json`. Raises: LookupError, TypeError, ValueError, AttributeError."""
    stored = data["identity"]
    listed = {key: tuple(stored.get(key, ())) for key in ("fits", "missing", "why")}
    parts = tuple([ModelPart(**part) for part in stored.get("parts", ())])
    identity = Identity(**{**stored, **listed, "parts": parts})
    size, problem, code = int(data["size_bytes"]), str(data.get("problem", "")), str(data.get("code", ""))
    return Recognized(path, name, str(data["container"]), identity, size, problem=problem, code=code)

"""What a file or folder is, with its notes and what is wrong with it; as JSON data, so that an index can store it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from core.errors import CoreError

from .evidence import Evidence
from .folder_evidence import evidence_of
from .kinds.identify import identify
from .kinds.identity import UNKNOWN, Identity, ModelPart
from .kinds.noted import with_notes
from .probe import probe
from .refusal import can_run
from .scan import ModelCandidate
from .sidecars import Notes, notes_on

RULES: Final = 1  # to be raised when a model may be recognized differently, so that stored answers are dropped


@dataclass(frozen=True, slots=True)
class Recognized:
    """A file or folder, and what is known about it without loading it.

    container: see `Evidence`. problem: why it is unusable, as a clause (`it is truncated`), or "". code: the error's.
    """

    path: Path
    name: str
    container: str = ""
    identity: Identity = field(default_factory=lambda: Identity(UNKNOWN))
    size_bytes: int = 0
    notes: Notes = field(default_factory=Notes)
    problem: str = ""
    code: str = ""


def recognize(candidate: ModelCandidate, *, kind: str = "", family: str = "") -> Recognized:
    """Return what a candidate is. Files that are damaged or cannot be read have a `problem`; nothing is raised.

    kind and family: what the user says it is, which overrules the guess.
    """
    path = candidate.path
    try:
        evidence = replace(evidence_of(path), name=candidate.name)
    except CoreError as error:
        found = Recognized(path, candidate.name, size_bytes=_size(path), problem=reason_of(error), code=error.code)
        return with_choice(found, kind, family) if kind else found
    notes = notes_on(path, evidence.metadata)
    identity = with_notes(identify(evidence), notes)
    found = Recognized(path, candidate.name, evidence.container, identity, evidence.size_bytes, notes)
    return _checked(with_choice(found, kind, family), evidence)


def with_choice(found: Recognized, kind: str, family: str) -> Recognized:
    """Return the same model with the kind and the family that the user has stated, each if it is not empty."""
    if not kind and not family:
        return found
    stated = [f"you stated the {what} {value}" for what, value in (("kind", kind), ("family", family)) if value]
    before = found.identity
    same_kind = kind in ("", before.kind)
    identity = replace(
        before if same_kind else Identity(kind, dtype=before.dtype, quant=before.quant),
        family=family or (before.family if same_kind else ""),
        fits=(family,) if family else (before.fits if same_kind else ()),
        why=(*stated, *before.why),
    )
    return replace(found, identity=identity)


def reason_of(error: CoreError) -> str:
    """Return why a model is unusable, without the path that its message begins with."""
    return getattr(error, "reason", "") or str(error)


def to_json(found: Recognized) -> dict[str, Any]:
    """Return what an index stores about a model, as JSON data: everything but the notes, which lie beside the file."""
    identity = {name: value for name, value in asdict(found.identity).items() if value}
    data = {"container": found.container, "identity": identity, "size_bytes": found.size_bytes}
    return {**data, "problem": found.problem, "code": found.code} if found.problem else data


def from_json(path: Path, name: str, data: Mapping[str, Any]) -> Recognized:
    """Return what an index has stored about a model. Raises: LookupError, TypeError, AttributeError."""
    stored = data["identity"]
    listed = {key: tuple(stored.get(key, ())) for key in ("fits", "missing", "why")}
    parts = tuple([ModelPart(**part) for part in stored.get("parts", ())])
    identity = Identity(**{**stored, **listed, "parts": parts})
    size, problem, code = int(data["size_bytes"]), str(data.get("problem", "")), str(data.get("code", ""))
    return Recognized(path, name, str(data["container"]), identity, size, problem=problem, code=code)


def _checked(found: Recognized, evidence: Evidence) -> Recognized:
    """Add what is wrong with a folder that holds all parts of a model that should run."""
    runs = found.identity.kind == "model" and can_run(found.identity, found.container) is None
    if not runs or not evidence.components:
        return found
    try:
        probe(found.path, name=found.name)
    except CoreError as error:
        return replace(found, problem=reason_of(error), code=error.code)
    return found


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0

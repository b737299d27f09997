"""Recognize a file or folder from its headers and settings, the notes beside it, and what the user states about it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import NO_TARGET, CoreError, ModelBroken, ModelUnreadable
from core.foreign import file_state

from .evidence import Evidence
from .folder_evidence import DENOISERS, evidence_of
from .kinds.families import title_of
from .kinds.identify import identify
from .kinds.identity import UNKNOWN, Identity
from .kinds.noted import with_notes
from .probe import probe
from .recognized import Recognized
from .refusal import RUNNING, can_run
from .scan import ModelCandidate
from .sidecars import notes_on
from .unreadable import unreadable

NO_INDEX: Final = "its model_index.json is missing"
ALIKE: Final = {"sd1", "sd2"}  # a file of one of these families may run as one of the other


def recognize(candidate: ModelCandidate, *, kind: str = "", family: str = "") -> Recognized:
    """Return what a candidate is. If it is damaged or cannot be read, the result has a `problem`; nothing is raised.

    kind and family: what the user states; they override what the tensors show.
    """
    try:
        return _recognized(candidate, kind, family)
    except OSError as error:  # a file was deleted after it had been listed
        return _with_problem(Recognized(candidate.path, candidate.name), error)


def _recognized(candidate: ModelCandidate, kind: str, family: str) -> Recognized:
    """Return what a candidate is. Raises: OSError."""
    path = candidate.path
    try:
        evidence = evidence_of(path)
    except (CoreError, OSError) as error:
        found = Recognized(path, candidate.name, size_bytes=_size(path))
        failed = _with_problem(found, error)
        return replace(failed, problem=NO_TARGET) if _is_dangling(path) else failed
    found = recognize_evidence(evidence, candidate.name, kind=kind, family=family)
    return _checked(replace(found, identity=_in_folder(found.identity, candidate.hint)), evidence)


def recognize_evidence(evidence: Evidence, name: str, *, kind: str = "", family: str = "") -> Recognized:
    """Return what a model of this name is by what it shows and by the notes beside it."""
    notes = notes_on(evidence.path, evidence.metadata)
    shown = with_notes(identify(replace(evidence, name=name)), notes)
    found = Recognized(evidence.path, name, evidence.container, shown, evidence.size_bytes, notes)
    conflict = _conflict(found, family) if kind in ("", "model") else ""
    stated = replace(found, identity=_stated(shown, kind, family))
    return replace(stated, problem=conflict, code="model_unsupported") if conflict else stated


def stamp_of(candidate: ModelCandidate) -> str:
    """Return a string that changes whenever the files of a model change. No file is opened; each costs one stat.

    For a folder, it covers the files in the folder and in its subfolders. Raises: OSError, if a file cannot be found.
    """
    if not candidate.is_folder:
        return " ".join(map(_stamp, (os.fspath(candidate.path), *candidate.sidecars)))
    inner = [entry.path for entry in _entries(os.fspath(candidate.path)) if entry.is_dir()]
    folders = [os.fspath(candidate.path), *inner]
    files = [entry for folder in folders for entry in _entries(folder) if not entry.is_dir()]
    return " ".join([f"{entry.path} {_stamp(entry.path)}" for entry in files])


def _in_folder(identity: Identity, hint: str) -> Identity:
    """Add to the reasons of an unknown model which kind its folder is for; the kind itself stays unknown."""
    if identity.kind != UNKNOWN or not hint:
        return identity
    return replace(identity, why=(f"it lies in a folder for the kind {hint}", *identity.why))


def _stated(identity: Identity, kind: str, family: str) -> Identity:
    """Return the identity with the kind and the family that the user states; an empty string changes nothing."""
    if not kind and not family:
        return identity
    stated = tuple([f"you stated the {what} {said}" for what, said in (("kind", kind), ("family", family)) if said])
    if kind not in ("", identity.kind):
        identity = Identity(kind, dtype=identity.dtype, quant=identity.quant, why=identity.why)
    if family:
        identity = replace(identity, family=family, fits=(family,))
    return replace(identity, why=(*stated, *identity.why))


def _conflict(found: Recognized, family: str) -> str:
    """Return why a model cannot be of the family that the user states, as a clause, or "" if it can.

    The settings of a folder determine its family, so that of a pipeline that can run is never another one.
    """
    shown, is_folder = found.identity.family, found.container == "folder"
    if found.identity.kind != "model" or family in ("", shown):
        return ""
    is_certain = {shown, family} <= {*RUNNING["safetensors"]} and {shown, family} != ALIKE
    if is_folder and can_run(found.identity, "folder") is None:
        return f"you stated the family {family}, but its settings are those of {title_of(shown)}"
    if is_folder or not is_certain:
        return ""
    return f"you stated the family {family}, but its tensors are those of {title_of(shown)}"


def _checked(found: Recognized, evidence: Evidence) -> Recognized:
    """Add a problem if a folder is an incomplete or damaged pipeline."""
    if found.identity.kind == UNKNOWN and found.container == "folder" and _has_parts(found.path):
        return replace(found, problem=NO_INDEX, code="model_broken")
    if (
        found.problem
        or found.identity.kind != "model"
        or not evidence.components
        or can_run(found.identity, found.container)
    ):
        return found
    try:
        probe(found.path, name=found.name)
    except (CoreError, OSError) as error:
        return _with_problem(found, error)
    return found


def _with_problem(found: Recognized, error: CoreError | OSError) -> Recognized:
    """Return the same model with the reason of an error as its problem."""
    if isinstance(error, FileNotFoundError):  # it was deleted after it had been listed
        return replace(found, problem=f"it cannot be read: {error.strerror}", code=ModelBroken.code)
    if isinstance(error, OSError):
        error = unreadable(found.path, error)
    elif isinstance(error, ModelUnreadable) and error.path != found.path and error.reason.startswith("it "):
        error = ModelUnreadable(found.path, f"{error.path} {error.reason.removeprefix('it ')}")
    return replace(found, problem=getattr(error, "reason", "") or str(error), code=error.code)


def _has_parts(folder: Path) -> bool:
    """Whether a folder has the subfolders of a pipeline: a denoiser and a VAE."""
    return os.path.isdir(folder / "vae") and any(os.path.isdir(folder / name) for name in DENOISERS)


def _is_dangling(path: Path) -> bool:
    return os.path.islink(path) and not os.path.exists(path)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if os.path.isfile(path) else 0
    except OSError:
        return 0


def _stamp(path: str) -> str:
    return " ".join(map(str, file_state(os.stat(path))))


def _entries(folder: str) -> Iterable[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)

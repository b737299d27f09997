"""Errors of services: one class with code, message, hint and fields; subclasses only for errors that are caught.

InvocationError
  ServiceError        a service failed; `code` names the reason, `fields` hold the details
    SaveFailed        a file could not be written
    FileExists        a file already exists and must not be overwritten

Codes of ServiceError: those of the core (`image_unreadable`, `image_too_large`, `model_missing`, `model_broken`,
`model_unreadable`, `pickle_refused`, `model_unsupported`, `unknown_scheduler`, `bad_size`, `device_refused`,
`out_of_memory`), and `does_not_fit`, `model_ambiguous`, `model_changed`, `image_gone`, `tensors_gone`,
`nothing_matches`, `url_refused`, `bad_file_name`, `file_unusable`, `output_closed`, `unknown_upscaler`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import Any, Protocol

from invocations.errors import MAKE_ROOM, InvocationError
from invocations.language.did_you_mean import did_you_mean

MAX_LISTED = 12  # the names of more models than these are not listed in a hint
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)  # disk full, quota exceeded
FULL = {os.strerror(number).lower() for number in FULL_DISK}


class CodedError(Protocol):
    """The attributes that all errors from the core have; any other attributes of an error become `fields`."""

    @property
    def code(self) -> str: ...
    @property
    def hint(self) -> str: ...


class ServiceError(InvocationError):
    """A service failed; `fields` hold the details, such as a path, a name or a size."""

    code = "service"

    def __init__(self, message: str, hint: str = "", *, code: str = "", **fields: Any) -> None:
        super().__init__(message, hint)
        self.code = code or type(self).code
        self.fields = fields

    @classmethod
    def of(cls, error: CodedError) -> ServiceError:
        """Convert an error from the core, keeping its code, message, hint and fields."""
        fields = {name: value for name, value in vars(error).items() if name not in ("code", "hint")}
        return ServiceError(str(error), error.hint or _known_hint(error.code, **fields), code=error.code, **fields)

    @property
    def type(self) -> str:
        """The name of the error in JSON output, such as `ImageGone` for `image_gone`."""
        return "".join(word.capitalize() for word in self.code.split("_"))


class SaveFailed(ServiceError):
    """A file could not be written; no partial file remains."""

    code = "save_failed"

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        hint = hint or (MAKE_ROOM if reason in FULL else "")
        super().__init__(f"`{path}` cannot be written: {reason}", hint, path=path, reason=reason)
        self.path = path
        self.reason = reason


class FileExists(ServiceError):
    """A file already exists and must not be overwritten."""

    code = "file_exists"

    def __init__(self, path: str, hint: str = "") -> None:
        super().__init__(f"`{path}` already exists", hint, path=path)
        self.path = path


def image_unreadable(source: str, reason: str, hint: str = "") -> ServiceError:
    """Return the error for a file that cannot be read as an image."""
    message = f"`{source}` cannot be read as an image: {reason}"
    return ServiceError(message, hint, code="image_unreadable", source=source, reason=reason)


def image_gone(name: str, path: str = "") -> ServiceError:
    """Return the error for a stored image that no longer exists; `path` is the changed file that it was loaded from."""
    if path:
        hint = "rerun the line that loads the image"
        message = f"the image {name[:12]} no longer exists: {path} has changed since it was loaded"
        return ServiceError(message, hint, code="image_gone", name=name)
    hint = "rerun the line that created the image"
    return ServiceError(f"the image {name[:12]} no longer exists", hint, code="image_gone", name=name)


def tensors_gone(name: str) -> ServiceError:
    """Return the error for stored tensors that no longer exist."""
    hint = "rerun the line that created the tensors"
    return ServiceError(f"the tensors {name[:12]} no longer exist", hint, code="tensors_gone", name=name)


def bad_file_name(template: str, message: str, hint: str = "") -> ServiceError:
    """Return the error for a file-name template with an unknown field, or a template that leads outside its folder."""
    return ServiceError(message, hint, code="bad_file_name", template=template)


def file_unusable(error: OSError) -> ServiceError:
    """Return the error for a file or folder that cannot be used, with the reason that the operating system states."""
    path, reason = str(error.filename), (error.strerror or str(error)).lower()
    return ServiceError(f"`{path}` cannot be used: {reason}", code="file_unusable", path=path, reason=reason)


def check_named(text: str, kind: str) -> None:
    """Refuse an empty string in place of a model, a VAE or a folder. Raises: ServiceError."""
    if text:
        return
    what, code = {"folder": ("a folder", "folder_missing"), "vae": ("a VAE", "model_missing")}.get(
        kind, ("a model", "model_missing")
    )
    takes = "its path" if kind == "folder" else "its name or its path"
    raise ServiceError(f"an empty string does not name {what}", f"write {takes}", code=code)


def model_changed(name: str) -> ServiceError:
    """Return the error for a reference to a model whose files have changed since it was chosen."""
    message = f"the model `{name}` has changed since it was chosen"
    return ServiceError(message, f"choose it again: model {name}", code="model_changed", name=name)


def _known_hint(code: str, *, name: str = "", candidates: Sequence[str] = (), kind: str = "", **_: Any) -> str:
    """Return the hint for an unknown name: the closest known names or, if no name is close, all known names.

    kind: the kind of the model that is missing, such as `model` or `VAE`
    """
    if code == "model_missing" and len(candidates) > MAX_LISTED:
        every = f"`models --kind {kind.lower()}` lists the known {kind}s"
        return did_you_mean(name, candidates) or every
    label = "known models" if code == "model_missing" else "known"
    label = "known VAEs and models" if kind == "VAE" else label
    every = f"{label}: " + ", ".join(f"`{name}`" for name in candidates) if candidates else ""
    return did_you_mean(name, candidates) or every

"""Errors of the core become errors of this floor, at the border and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from invocations.errors import BadValue, Cancelled, InvocationError
from invocations.language.did_you_mean import did_you_mean

from .errors import (
    BadSize,
    DeviceRefused,
    FileExists,
    ImageTooLarge,
    ImageUnreadable,
    ModelBroken,
    ModelMissing,
    ModelUnsupported,
    OutOfMemory,
    PickleRefused,
    SaveFailed,
    UnknownScheduler,
)

if TYPE_CHECKING:
    from core.errors import CoreError

OVERWRITE = "`--overwrite` replaces it"
MODELS = {cls.code: cls for cls in (ModelMissing, ModelBroken, PickleRefused, ModelUnsupported)}
PLAIN = {cls.code: cls for cls in (UnknownScheduler, DeviceRefused, OutOfMemory)}


@contextmanager
def translated() -> Iterator[None]:
    """Turn an error of the core that is raised inside into the one of this floor that has its code."""
    from core.errors import CoreError

    try:
        yield
    except CoreError as error:
        raise translate(error) from error
    except MemoryError as error:
        raise OutOfMemory("this machine has no memory left for a picture of this size", "make it smaller") from error


def translate(error: CoreError) -> InvocationError:
    """Return the error of this floor for one of the core, with its fields and its hint."""
    fields: dict[str, Any] = vars(error)
    code, text = error.code, str(error)
    hint = did_you_mean(fields["name"], error.candidates, error.hint) or "" if error.candidates else error.hint
    if code in MODELS:
        return MODELS[code](str(fields.get("name") or fields.get("path", "")), text, hint)
    if code in PLAIN:
        return PLAIN[code](text, hint)
    match code:
        case "image_unreadable":
            return ImageUnreadable(fields["source"], fields["reason"], hint)
        case "image_too_large":
            return ImageTooLarge(fields["source"], fields["width"] * fields["height"], fields["limit"], hint)
        case "save_failed":
            return SaveFailed(fields["path"], fields["reason"], hint)
        case "file_exists":
            return FileExists(fields["path"], OVERWRITE)
        case "bad_size":
            return BadSize(text, fields["suggested"], hint)
        case "cancelled":
            return Cancelled()
        case _:
            return BadValue(str(fields.get("name", "")), text, hint)

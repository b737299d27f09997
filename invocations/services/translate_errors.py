"""Convert errors from the core to errors of `invocations`; no other module does this."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from invocations.errors import BadValue, Cancelled, InvocationError

from .errors import FULL_DISK, FileExists, SaveFailed, ServiceError, file_unusable

if TYPE_CHECKING:
    from core.errors import CoreError

OVERWRITE = "use `--overwrite` to replace the file"
BAD_VALUES = ("bad_value", "bad_setting", "unknown_format")  # caused by an input, not a service


class translated(AbstractContextManager[None]):  # noqa: N801 - named like `suppress`, another context manager
    """Convert any core error raised inside the block to a service error, and an error of a file that is named.

    Other errors of the operating system, such as that of a pipe whose reader is gone, are passed on.
    """

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        from core.errors import CoreError

        if isinstance(error, CoreError):
            raise translate(error) from error
        if isinstance(error, MemoryError):
            message = "out of memory for an image of this size"
            raise ServiceError(message, "make the image smaller", code="out_of_memory") from error
        if isinstance(error, OSError) and error.filename is not None and error.errno not in FULL_DISK:
            raise file_unusable(error) from error


def translate(error: CoreError) -> InvocationError:
    """Convert an error from the core, with its fields and hint."""
    fields: dict[str, Any] = vars(error)
    if error.code == "file_exists":
        return FileExists(fields["path"], OVERWRITE)
    if error.code == "save_failed":
        return SaveFailed(fields["path"], fields["reason"], error.hint)
    if error.code == "cancelled":
        return Cancelled()
    if error.code in BAD_VALUES:
        return BadValue(str(fields.get("name", "")), str(error), error.hint)
    return ServiceError.of(error)

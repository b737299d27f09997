"""What services refuse or fail at, and how errors of the core become errors of this floor.

InvocationError
└── ServiceError
    ├── ImageError
    │   ├── ImageUnreadable     source, reason
    │   ├── ImageTooLarge       source, width, height, limit
    │   ├── ImageGone           name
    │   ├── NothingMatches      pattern
    │   ├── UrlRefused          url
    │   ├── SaveFailed          path, reason
    │   ├── FileExists          path
    │   ├── BadFileName         template
    │   └── OutputClosed        the reader of standard output has gone
    ├── TensorsGone             name
    ├── ModelMissing, ModelBroken, PickleRefused, ModelUnsupported
    ├── UnknownScheduler, UnknownUpscaler
    ├── BadSize                 width, height, suggested
    ├── DeviceRefused, OutOfMemory, Cancelled
    └── BadInput                any other value that the core refuses
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from invocations.errors import InvocationError


class ServiceError(InvocationError):
    """A service could not do what a node asked; `fields` are the facts of the error of the core that caused it."""

    code: ClassVar[str] = "service_error"

    def __init__(self, message: str, hint: str = "", **fields: Any) -> None:
        super().__init__(message, hint)
        self.fields = fields

    def __getattr__(self, name: str) -> Any:
        fields = self.__dict__.get("fields", {})
        if name in fields:
            return fields[name]
        raise AttributeError(f"{type(self).__name__} has no field `{name}`")


class ImageError(ServiceError):
    """Something about a picture."""

    code = "image_error"


class ImageUnreadable(ImageError):
    """The bytes are not a picture that can be read."""

    code = "image_unreadable"


class ImageTooLarge(ImageError):
    """The picture has more pixels than are allowed."""

    code = "image_too_large"


class ImageGone(ImageError):
    """The store has no picture of this name (any more)."""

    code = "image_gone"


class NothingMatches(ImageError):
    """No file matches the pattern, or no file is at the path."""

    code = "nothing_matches"


class UrlRefused(ImageError):
    """An address on the network was given, and reading it was not allowed."""

    code = "url_refused"


class SaveFailed(ImageError):
    """The file could not be written; nothing of it was left behind."""

    code = "save_failed"


class FileExists(ImageError):
    """There is a file of that name, and overwriting was not asked for."""

    code = "file_exists"


class BadFileName(ImageError):
    """A file-name template names what nobody knows, or leads out of its folder."""

    code = "bad_file_name"


class OutputClosed(ImageError):
    """Who reads standard output has gone."""

    code = "output_closed"


class TensorsGone(ServiceError):
    """The store has no tensors of this name (any more)."""

    code = "tensors_gone"


class ModelMissing(ServiceError):
    """There is no model of this name."""

    code = "model_missing"


class ModelBroken(ServiceError):
    """A part of the model is absent, cut off or unreadable."""

    code = "model_broken"


class PickleRefused(ServiceError):
    """The model's weights are pickled."""

    code = "pickle_refused"


class ModelUnsupported(ServiceError):
    """A model of a kind that cannot be run."""

    code = "model_unsupported"


class UnknownScheduler(ServiceError):
    """No scheduler has this name."""

    code = "unknown_scheduler"


class UnknownUpscaler(ServiceError):
    """No upscaler has this name."""

    code = "unknown_upscaler"


class BadSize(ServiceError):
    """The model cannot make a picture of this size."""

    code = "bad_size"


class DeviceRefused(ServiceError):
    """The device or the precision is not to be had here."""

    code = "device_refused"


class OutOfMemory(ServiceError):
    """The device has no room left."""

    code = "out_of_memory"


class Cancelled(ServiceError):
    """Someone asked to stop; nothing is wrong."""

    code = "cancelled"


class BadInput(ServiceError):
    """The core refuses a value."""

    code = "bad_value"


_ALL: tuple[type[ServiceError], ...] = (
    ImageUnreadable, ImageTooLarge, SaveFailed, FileExists, ModelMissing, ModelBroken, PickleRefused, ModelUnsupported,
    UnknownScheduler, BadSize, DeviceRefused, OutOfMemory, Cancelled,
)  # fmt: skip
BY_CODE: dict[str, type[ServiceError]] = {cls.code: cls for cls in _ALL}


@contextmanager
def translated() -> Iterator[None]:
    """Turn an error of the core raised inside into the one of this floor with the same code, fields and hint."""
    from core.errors import CoreError

    try:
        yield
    except CoreError as error:
        fields = {key: value for key, value in vars(error).items() if key not in ("hint", "message")}
        raise BY_CODE.get(error.code, BadInput)(str(error), error.hint, **fields) from error

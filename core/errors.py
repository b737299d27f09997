"""The errors of the core: one tree of exceptions that carry fields.

CoreError
├── ModelError
│   ├── ModelMissing        no model with this name or path
│   ├── ModelBroken         a part is missing or truncated
│   │   └── ModelUnreadable a file that the operating system refuses to read
│   ├── PickleRefused       the weights are pickled
│   └── ModelUnsupported    a complete model of a kind that the core cannot run
├── UnknownScheduler
├── BadSize                 width or height does not fit the model
├── BadSetting              any other number or choice out of range
├── DeviceRefused           a device or precision that is not available
├── OutOfMemory
└── Cancelled               cancelled on request; nothing is wrong
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final

DENIED: Final = (os.strerror(errno.EACCES), os.strerror(errno.EPERM))
NO_TARGET: Final = "it is a link to a file that does not exist"
NO_MODEL: Final = "it is not a model: "  # how the clauses begin that say why a file or folder holds no model


class CoreError(Exception):
    """Base class of all core errors.

    code: a stable identifier. hint: what to do next. candidates: the known names, if an unknown name was used, so that
    the closest ones can be suggested.
    """

    code: ClassVar[str] = "core_error"
    hint: str = ""
    candidates: tuple[str, ...] = ()


class ModelError(CoreError):
    """Base class of all errors about a model."""

    code = "model_error"


class ModelMissing(ModelError):
    """No model of this kind has this name, and there is nothing at this path."""

    code = "model_missing"

    def __init__(
        self, name: str, searched: Sequence[Path], known: Sequence[str], hint: str = "", kind: str = "model"
    ) -> None:
        self.name, self.searched, self.known, self.kind = name, tuple(searched), tuple(known), kind
        self.candidates = self.known
        super().__init__(f"there is no {kind} `{name}`")
        self.hint = hint or ("" if self.known else f"give the path of a {kind}")


class ModelBroken(ModelError):
    """A part of the model is missing, truncated or unreadable."""

    code = "model_broken"

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        self.hint = "point the link at the model" if reason == NO_TARGET else "download or copy the model again"
        super().__init__(f"the model at {path} is broken: {reason}")


class ModelUnreadable(ModelBroken):
    """A file of the model cannot be read, although it may be whole; `reason` is a clause: `it cannot be read: ...`."""

    code = "model_unreadable"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.hint = "change its permissions" if reason.endswith(DENIED) else "check the drive on which it lies"
        self.args = (f"{path} {reason.removeprefix('it ')}" if reason.startswith("it ") else reason,)


class PickleRefused(ModelError):
    """The weights exist only as a pickle, which can run arbitrary code when loaded.

    what: what the model is, as a noun phrase. reason: a clause, if the pickle is known to run code.
    """

    code = "pickle_refused"

    def __init__(
        self, path: Path, convert_command: str = "", *, what: str = "", reason: str = "", hint: str = ""
    ) -> None:
        self.path, self.convert_command, self.what, self.reason = path, convert_command, what, reason
        self.hint = hint or f"if you trust it, convert it: {convert_command}"
        is_what = f"{what} in a pickle" if what else "a pickle"
        danger = f"{path} is {is_what}, which can run arbitrary code when loaded"
        super().__init__(f"{path} cannot be used: {reason}" if reason else danger)


class ModelUnsupported(ModelError):
    """The model is whole, but the core cannot run it; `reason` is a clause: `it is a LoRA`."""

    code = "model_unsupported"

    def __init__(self, path: Path, reason: str, hint: str = "") -> None:
        self.path, self.reason = path, reason
        what = reason.removeprefix(NO_MODEL) if reason.startswith(NO_MODEL) else ""
        self.hint = hint or "`models --kind model` lists the models that generate images"
        super().__init__(f"{path} is not a model: {what}" if what else f"{path} cannot be used: {reason}")


class UnknownScheduler(CoreError):
    """No scheduler has this short name."""

    code = "unknown_scheduler"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        self.candidates = self.known
        super().__init__(f"there is no scheduler `{name}`")


class BadSize(CoreError):
    """The model cannot generate images of this size; `suggested` is the nearest size that it can generate."""

    code = "bad_size"

    def __init__(self, width: int, height: int, multiple: int, suggested: tuple[int, int]) -> None:
        self.width, self.height, self.multiple, self.suggested = width, height, multiple, suggested
        self.hint = f"try {suggested[0]}x{suggested[1]}"
        super().__init__(f"{width}x{height} cannot be generated: width and height must be multiples of {multiple}")


class BadSetting(CoreError):
    """A setting, such as a number or a choice, is out of range."""

    code = "bad_setting"

    def __init__(self, name: str, value: object, expected: str) -> None:
        self.name, self.value, self.expected = name, value, expected
        super().__init__(f"{name} must be {expected}, not {value}")


class DeviceRefused(CoreError):
    """The machine does not have this device, or the device does not support this precision."""

    code = "device_refused"

    def __init__(self, wanted: str, reason: str, hint: str = "") -> None:
        self.wanted, self.reason, self.hint = wanted, reason, hint
        super().__init__(f"`{wanted}` cannot be used: {reason}")


class OutOfMemory(CoreError):
    """The device is out of memory; `needed` is the size of the failed request in bytes, if known."""

    code = "out_of_memory"

    def __init__(self, needed: int | None, device: str) -> None:
        self.needed, self.device = needed, device
        self.hint = "generate smaller or fewer images at once, or free memory"
        requested = f" ({needed / 2**20:.0f} MiB more requested)" if needed else ""
        super().__init__(f"out of memory on {device}{requested}")


class Cancelled(CoreError):
    """The run was cancelled between two steps, on request."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("cancelled")

"""What the core refuses or fails at, as one tree of errors that carry fields.

CoreError
├── ModelError
│   ├── ModelMissing        no model of this name or path
│   ├── ModelBroken         a part is absent, cut off or unreadable
│   ├── PickleRefused       the weights are pickled
│   └── ModelUnsupported    a whole model, but of a kind the core cannot run
├── UnknownScheduler
├── BadSize                 width or height do not fit the model
├── BadSetting              any other number or choice out of its range
├── DeviceRefused           the device or the precision is not to be had here
├── OutOfMemory
└── Cancelled               someone asked to stop; nothing is wrong
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import ClassVar


class CoreError(Exception):
    """Base of all errors of the core; `code` is stable, `hint` says what to do next."""

    code: ClassVar[str] = "core_error"
    hint: str = ""


class ModelError(CoreError):
    """Something about a model."""

    code = "model_error"


class ModelMissing(ModelError):
    """No model goes by this name and no folder lies at this path."""

    code = "model_missing"

    def __init__(self, name: str, searched: Sequence[Path], known: Sequence[str]) -> None:
        self.name, self.searched, self.known = name, tuple(searched), tuple(known)
        self.candidates = tuple(get_close_matches(name, self.known, n=3, cutoff=0.5))
        super().__init__(f"there is no model `{name}`")
        if not self.known:
            self.hint = "give the path of a model folder in diffusers layout"


class ModelBroken(ModelError):
    """A model folder that cannot be read as one."""

    code = "model_broken"

    def __init__(self, path: Path, reason: str) -> None:
        self.path, self.reason = path, reason
        self.hint = "fetch or copy the model again"
        super().__init__(f"the model at {path} is broken: {reason}")


class PickleRefused(ModelError):
    """Weights that are only there as a pickle, which can run any program when it is opened."""

    code = "pickle_refused"

    def __init__(self, path: Path, convert_command: str) -> None:
        self.path, self.convert_command = path, convert_command
        self.hint = f"convert it where you trust it: {convert_command}"
        super().__init__(f"{path} is a pickle, which can run any program when it is opened")


class ModelUnsupported(ModelError):
    """A model of a family that the core does not run."""

    code = "model_unsupported"

    def __init__(self, path: Path, family: str) -> None:
        self.path, self.family = path, family
        self.hint = "Stable Diffusion 1 and 2 in diffusers layout are supported"
        super().__init__(f"the model at {path} is of an unsupported kind: {family}")


class UnknownScheduler(CoreError):
    """No scheduler has this short name."""

    code = "unknown_scheduler"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        self.candidates = tuple(get_close_matches(name, self.known, n=3, cutoff=0.5))
        super().__init__(f"there is no scheduler `{name}`")


class BadSize(CoreError):
    """A picture size that the model cannot make; `suggested` is the nearest that it can."""

    code = "bad_size"

    def __init__(self, width: int, height: int, multiple: int, suggested: tuple[int, int]) -> None:
        self.width, self.height, self.multiple, self.suggested = width, height, multiple, suggested
        self.hint = f"try {suggested[0]}x{suggested[1]}"
        super().__init__(f"{width}x{height} cannot be made: width and height must be multiples of {multiple}")


class BadSetting(CoreError):
    """A number or choice out of its range."""

    code = "bad_setting"

    def __init__(self, name: str, value: object, expected: str) -> None:
        self.name, self.value, self.expected = name, value, expected
        super().__init__(f"{name} is {value}, and must be {expected}")


class DeviceRefused(CoreError):
    """A device or precision that this machine does not offer, or that does not work on it."""

    code = "device_refused"

    def __init__(self, wanted: str, reason: str, hint: str = "") -> None:
        self.wanted, self.reason, self.hint = wanted, reason, hint
        super().__init__(f"`{wanted}` cannot be used: {reason}")


class OutOfMemory(CoreError):
    """The device has no room left; `needed` is what was asked for at that moment, in bytes, where it is known."""

    code = "out_of_memory"

    def __init__(self, needed: int | None, device: str) -> None:
        self.needed, self.device = needed, device
        self.hint = "make the picture smaller, fewer at a time, or free the memory"
        asked = f" ({needed / 2**20:.0f} MiB more were asked for)" if needed else ""
        super().__init__(f"{device} has no memory left{asked}")


class Cancelled(CoreError):
    """The work was stopped between two steps because someone asked."""

    code = "cancelled"

    def __init__(self) -> None:
        super().__init__("cancelled")

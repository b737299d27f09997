"""What the values in a pickle stand for: names of classes, tensors whose data lies elsewhere, and calls not made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from core.foreign import ForeignData

from .contents import Shape

STORAGES: Final = {
    "FloatStorage": "F32", "HalfStorage": "F16", "BFloat16Storage": "BF16", "DoubleStorage": "F64",
    "LongStorage": "I64", "IntStorage": "I32", "ShortStorage": "I16", "CharStorage": "I8", "ByteStorage": "U8",
    "BoolStorage": "BOOL",
}  # fmt: skip
TORCH_DTYPES: Final = {
    "float32": "F32", "float16": "F16", "bfloat16": "BF16", "float64": "F64", "int64": "I64", "int32": "I32",
    "int16": "I16", "int8": "I8", "uint8": "U8", "bool": "BOOL", "float8_e4m3fn": "F8_E4M3", "float8_e5m2": "F8_E5M2",
}  # fmt: skip

CODE_MODULES: Final = frozenset(
    [
        "os",
        "posix",
        "nt",
        "subprocess",
        "sys",
        "runpy",
        "pty",
        "socket",
        "ctypes",
        "shutil",
        "webbrowser",
        "importlib",
        "commands",
    ]
)
CODE_BUILTINS: Final = frozenset(["eval", "exec", "execfile", "compile", "open", "__import__", "breakpoint", "input"])


class RunsCode(ForeignData):
    """Raised if a pickle calls a function that runs other code."""


@dataclass(frozen=True, slots=True)
class Global:
    """The name of a class or function that the pickle would import."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Inert:
    """The result of a call that is not made, or an object of an unknown class."""

    of: str


@dataclass(frozen=True, slots=True)
class PickledTensor:
    """The shape and type of a tensor whose data lies elsewhere."""

    shape: Shape
    dtype: str


@dataclass(frozen=True, slots=True)
class Storage:
    """The type of the elements that a tensor's data lies in."""

    dtype: str


def checked(function: Any) -> str:
    """Return the name of what would be called. Raises: RunsCode, if it is known to run other code."""
    if not isinstance(function, Global):
        return "object"
    root = function.module.split(".")[0]
    is_builtin = root in ("builtins", "__builtin__") and function.name in CODE_BUILTINS
    if root in CODE_MODULES or is_builtin:
        raise RunsCode(f"is a pickle that calls `{function.module}.{function.name}` when it is loaded")
    return f"{function.module}.{function.name}"

"""Interpret the opcodes of a pickle without importing or calling anything that it names.

`pickletools` decodes the opcodes; this machine knows containers, numbers, strings and the calls that rebuild tensors.
Everything else becomes an `Inert`, so a pickle cannot run code. Work and memory grow with the size of the pickle only.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from core.foreign import ForeignData

from .contents import MAX_RANK
from .pickled import STORAGES, TORCH_DTYPES, Global, Inert, PickledTensor, Storage, checked

MAX_OPCODES: Final = 1_000_000  # maximum number of opcodes; a checkpoint of 2,000 tensors has some 60,000


class Machine:
    """Interprets one pickle after the other from a file; the memo does not outlive a pickle."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.budget = file, MAX_OPCODES
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def load(self) -> Any:
        """Return the object in the next pickle, made of dicts, lists, tuples, plain values and this module's classes.

        Raises: ForeignData.
        """
        self.stack, self.marks, self.memo = [], [], {}
        try:
            for opcode, argument, _ in pickletools.genops(self.file):
                self.budget -= 1
                if self.budget < 0:
                    raise ForeignData(f"has a pickle of more than {MAX_OPCODES} instructions")
                _STEPS[opcode.name](self, argument)
            return self.stack.pop()
        except ForeignData:
            raise
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, struct.error) as error:
            raise ForeignData("has a pickle that is damaged or truncated") from error

    def since_mark(self) -> list[Any]:
        """Pop and return everything above the last mark."""
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def call(self, function: Any, arguments: Any) -> Any:
        """Return what a call would make: a tensor, a container, or an `Inert`. Nothing is called."""
        name = checked(function)
        rebuild = _REBUILD.get(name.rsplit(".", 1)[-1])
        if name.startswith("torch.") and rebuild is not None:
            return rebuild(self, arguments)
        if name == "collections.OrderedDict":
            return _dict_of([item for pair in (arguments[0] if arguments else ()) for item in pair])
        return Inert(name)


def _dict_of(items: list[Any]) -> dict[Any, Any]:
    """Return a dict of alternating keys and values; keys are strings and numbers, all others are left out."""
    found: dict[Any, Any] = {}
    _fill(found, items)
    return found


def _fill(target: Any, items: list[Any]) -> None:
    if isinstance(target, dict):
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) in (str, int, float, bool):
                target[key] = value


def _tensor(machine: Machine, arguments: Any) -> PickledTensor | Inert:
    """Return the tensor of `_rebuild_tensor_v2(storage, offset, size, stride, ...)`; v3 also passes the type."""
    storage, size = arguments[0], arguments[2]
    dtype = storage.dtype
    for one in arguments[4:]:
        if isinstance(one, Global) and one.module == "torch":
            dtype = TORCH_DTYPES.get(one.name, one.name)
    if len(size) > MAX_RANK or not all(isinstance(side, int) and 0 <= side < 2**64 for side in size):
        raise ForeignData("has a pickle with a tensor of an invalid shape")
    return PickledTensor(tuple(size), dtype)


_REBUILD: Final[dict[str, Callable[[Machine, Any], Any]]] = {
    "_rebuild_tensor": _tensor,
    "_rebuild_tensor_v2": _tensor,
    "_rebuild_tensor_v3": _tensor,
    "_rebuild_parameter": lambda machine, arguments: arguments[0],
    "_rebuild_parameter_with_state": lambda machine, arguments: arguments[0],
    "_rebuild_from_type_v2": lambda machine, arguments: machine.call(arguments[0], arguments[2]),
    "Parameter": lambda machine, arguments: arguments[0] if arguments else Inert("Parameter"),
}


def _persistent(machine: Machine, key: Any) -> None:
    """Push the storage that a tuple `("storage", class, key, location, size)` stands for."""
    kind = key[1]
    name = kind.name if isinstance(kind, Global) else ""
    machine.stack.append(Storage(STORAGES.get(name, name)))


def _push(machine: Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _constant(make: Callable[[], Any]) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make())


def _gathered(make: Callable[[list[Any]], Any]) -> Callable[[Machine, Any], None]:
    return lambda machine, _: machine.stack.append(make(machine.since_mark()))


def _tuple(length: int) -> Callable[[Machine, Any], None]:
    def step(machine: Machine, _: Any) -> None:
        machine.stack[-length:] = [tuple(machine.stack[-length:])]

    return step


def _extend(machine: Machine, items: list[Any]) -> None:
    if isinstance(machine.stack[-1], list):
        machine.stack[-1].extend(items)


def _reduce(machine: Machine, _: Any) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(machine.call(function, arguments))


def _stack_global(machine: Machine, _: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(Global(str(module), str(name)))


def _instance(machine: Machine, argument: Any) -> None:
    """INST and OBJ: an object of a class, from the arguments above the mark."""
    items = machine.since_mark()
    kind = Global(*argument.split(" ", 1)) if argument else items[0]
    machine.stack.append(Inert(checked(kind)))


def _set_items(machine: Machine, items: list[Any]) -> None:
    _fill(machine.stack[-1], items)


def _memoize(machine: Machine, argument: Any) -> None:
    machine.memo[len(machine.memo) if argument is None else int(argument)] = machine.stack[-1]


def _new_ex(machine: Machine, _: Any) -> None:
    kind = machine.stack[-3]
    machine.stack[-3:] = [Inert(checked(kind))]


def _pop(machine: Machine, _: Any) -> None:
    if machine.marks and machine.marks[-1] == len(machine.stack):
        machine.marks.pop()
    else:
        machine.stack.pop()


def _pair(machine: Machine, _: Any) -> None:
    items = machine.stack[-2:]
    del machine.stack[-2:]
    _set_items(machine, items)


_NOTHING = ["PROTO", "FRAME", "STOP", "NEXT_BUFFER", "READONLY_BUFFER"]
_PUSHED = [
    "INT",
    "BININT",
    "BININT1",
    "BININT2",
    "LONG",
    "LONG1",
    "LONG4",
    "FLOAT",
    "BINFLOAT",
    "STRING",
    "BINSTRING",
    "SHORT_BINSTRING",
    "BINBYTES",
    "SHORT_BINBYTES",
    "BINBYTES8",
    "BYTEARRAY8",
    "UNICODE",
    "BINUNICODE",
    "SHORT_BINUNICODE",
    "BINUNICODE8",
]

_STEPS: Final[dict[str, Callable[[Machine, Any], None]]] = {
    **{name: lambda machine, _: None for name in _NOTHING},
    **dict.fromkeys(_PUSHED, _push),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _memoize),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), lambda machine, key: _push(machine, machine.memo[int(key)])),
    "NONE": _constant(lambda: None),
    "NEWTRUE": _constant(lambda: True),
    "NEWFALSE": _constant(lambda: False),
    "EMPTY_LIST": _constant(list),
    "EMPTY_TUPLE": _constant(tuple),
    "EMPTY_DICT": _constant(dict),
    "EMPTY_SET": _constant(list),
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "POP": _pop,
    "POP_MARK": lambda machine, _: machine.since_mark().clear(),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "LIST": _gathered(list),
    "TUPLE": _gathered(tuple),
    "DICT": _gathered(_dict_of),
    "FROZENSET": _gathered(list),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "APPEND": lambda machine, _: _extend(machine, [machine.stack.pop()]),
    "APPENDS": lambda machine, _: _extend(machine, machine.since_mark()),
    "ADDITEMS": lambda machine, _: _extend(machine, machine.since_mark()),
    "SETITEM": _pair,
    "SETITEMS": lambda machine, _: _set_items(machine, machine.since_mark()),
    "GLOBAL": lambda machine, name: _push(machine, Global(*name.split(" ", 1))),
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_ex,
    "INST": _instance,
    "OBJ": _instance,
    "BUILD": lambda machine, _: machine.stack.pop() and None,
    "PERSID": _push,
    "BINPERSID": lambda machine, _: _persistent(machine, machine.stack.pop()),
}

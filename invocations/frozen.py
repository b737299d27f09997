"""`@frozen` and `@mutable`: dataclasses with slots that are cheap to define, for classes needed at every start.

`dataclasses.dataclass(frozen=True, slots=True)` compiles the source of six methods for each class, which takes 0.7 ms:
in total, half the run time of `invokeai --help`. Here only `__init__` is compiled, when the first object is created;
the other methods are closures over the names of the fields. The classes are still dataclasses: `field`, `fields`,
`replace`, `asdict`, pickle and `match` work with them. A subclass must be decorated with `frozen` too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T], *, is_frozen: bool = True) -> type[T]:
    """Make a class a frozen dataclass with slots, compared and hashed by its fields.

    is_frozen: False for `mutable`, which shares this function because each call costs start-up time
    """
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)  # these flags avoid compiling any code
    known = fields(made)
    methods: dict[str, Callable[..., Any]] = {
        "__init__": _first_init,
        "__repr__": _repr,
        "__getstate__": _state,
        "__setstate__": _restore,
    }
    if is_frozen:
        compared = []
        for each in known:
            if each.compare:
                compared.append(each.name)
        key: Callable[[Any], Any] = attrgetter(*compared) if compared else lambda self: ()
        methods |= {
            "__eq__": lambda self, other: (
                key(self) == key(other) if other.__class__ is self.__class__ else NotImplemented
            ),
            "__hash__": lambda self: hash(key(self)),
            "__setattr__": _refuse_assignment,
            "__delattr__": _refuse_deletion,
        }
    for name, method in methods.items():
        if name not in cls.__dict__:
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def mutable(cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots whose objects may be changed; each is equal only to itself."""
    return frozen(cls, is_frozen=False)


def _first_init(self: Any, *values: Any, **named: Any) -> None:
    """Compile the `__init__` of a class when its first object is created; the result then replaces this function.

    The compiled function looks up the default of each field by the field's name.
    """
    cls: Any
    for cls in type(self).__mro__:
        if cls.__dict__.get("__init__") is _first_init:
            break
    else:  # another thread has already replaced this function
        return self.__init__(*values, **named)  # type: ignore[no-any-return]
    given: dict[str, Any] = {"set_": object.__setattr__}
    parameters, lines = ["self"], []
    for each in fields(cls):
        name = each.name
        value = name
        if each.default is not MISSING:
            given[f"default_{name}"] = each.default
            parameters.append(f"{name}=default_{name}")
        elif each.default_factory is not MISSING:
            given[f"default_{name}"] = MISSING
            given[f"make_{name}"] = each.default_factory
            parameters.append(f"{name}=default_{name}")
            value = f"make_{name}() if {name} is default_{name} else {name}"
        else:
            parameters.append(name)
        lines.append(f" set_(self, {name!r}, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec(f"def __init__({', '.join(parameters)}):\n" + ("\n".join(lines) or " pass"), given)
    compiled = given["__init__"]
    compiled.__qualname__ = f"{cls.__qualname__}.__init__"
    cls.__init__ = compiled
    compiled(self, *values, **named)


def _repr(self: Any) -> str:
    shown = [f"{each.name}={getattr(self, each.name)!r}" for each in fields(self) if each.repr]
    return f"{self.__class__.__qualname__}({', '.join(shown)})"


def _refuse_assignment(self: Any, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deletion(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)

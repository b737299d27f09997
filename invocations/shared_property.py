"""A property that is computed on first use, only once however many threads use it at once."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Final, Generic, TypeVar, overload

T = TypeVar("T")
LOCK: Final = "_shared"


class shared_property(Generic[T]):  # noqa: N801 - used like `cached_property`
    """Like `functools.cached_property`, with one lock for all properties of an object."""

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> shared_property[T]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...
    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> shared_property[T] | T:
        if instance is None:
            return self
        values = instance.__dict__
        with values.setdefault(LOCK, RLock()):
            if self._name not in values:
                values[self._name] = self._compute(instance)
        found: T = values[self._name]
        return found

"""Call nodes that are plain functions without importing the node's class, if their inputs need no conversion.

A node's class needs pydantic, whose import takes seven times as long as starting Python. The class is only used if
inputs must be converted or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from invocations.cache.keys import BUILT_IN
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from invocations.values import KINDS

if TYPE_CHECKING:
    from invocations.cache.forecast import Forecast
    from invocations.context import InvocationContext

Work = Callable[["InvocationContext", Mapping[str, Any]], Mapping[str, Any]]
TYPES: Final[Mapping[str, type]] = {"bool": bool, "int": int, "float": float, "str": str, "none": type(None)}


def plain_work(spec: InvocationSpec, inputs: Mapping[str, Any]) -> tuple[Work, dict[str, Any]] | None:
    """Return the function of a node and its complete inputs, or None if the node's class has to validate the inputs."""
    if not spec.work or spec.origin != BUILT_IN:
        return None
    whole: dict[str, Any] = {}
    for field in spec.inputs:
        value = whole[field.name] = inputs.get(field.name, field.default)
        if not _is_valid(field, value, given=field.name in inputs):
            return None
    return (_work(spec.work), whole) if inputs.keys() <= whole.keys() else None


@cache
def _work(name: str) -> Work:
    """Return the function that `module:function` names."""
    module, _, function = name.partition(":")
    work: Work = getattr(import_module(module), function)
    return work


def all_plain(forecasts: Iterable[Forecast], catalog: Mapping[str, InvocationSpec], *, engine: bool = False) -> bool:
    """Return True if no class is needed here, because each node is a plain function, a loop, or its result is cached.

    engine: whether nodes that need a model run in the warm engine
    """
    found = [(each.reused, catalog[each.type]) for each in forecasts]
    return bool(found) and all(
        reused or spec.work or spec.role != "node" or (engine and spec.needs_model) for reused, spec in found
    )


def _is_valid(field: FieldSpec, value: Any, *, given: bool) -> bool:
    if not given:
        return not field.required
    return _is_of(field.type, value) and (type(value) is not int or _is_within(field, value))


def _is_of(type_: FieldType, value: Any) -> bool:
    """Return True if a value certainly has the given type; if not, the class has to validate the value."""
    plain = TYPES.get(type_.base)
    if plain is not None:
        return type(value) is plain
    if type_.base == "union":
        return any(_is_of(arg, value) for arg in type_.args)
    if type_.base == "enum":
        return type(value) is str and value in type_.choices
    if type_.base == "ref":
        return isinstance(value, KINDS[type_.kind])
    if type_.base == "list":
        return type(value) is list and all(_is_of(arg, item) for arg in type_.args for item in value)
    return type_.base == "any"


def _is_within(field: FieldSpec, value: int) -> bool:
    return (
        (field.ge is None or value >= field.ge)
        and (field.gt is None or value > field.gt)
        and (field.le is None or value <= field.le)
        and (field.lt is None or value < field.lt)
        and (field.multiple_of is None or value % field.multiple_of == 0)
    )

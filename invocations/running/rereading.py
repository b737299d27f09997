"""Read again the files among a node's inputs that could not be read when they were listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.context import Services
from invocations.events import NodeError
from invocations.services.errors import ServiceError
from invocations.services.images.unread import is_unread
from invocations.spec import InvocationSpec
from invocations.values import Ref

from .failures import describe

LISTS = (list, tuple)  # types of inputs that may hold several references


def with_files_read(
    spec: InvocationSpec, inputs: Mapping[str, Any], services: Services
) -> Mapping[str, Any] | NodeError:
    """Return a node's inputs with the content of each file that had not been read, or the error if that fails.

    An input that takes values of any type, such as one for a label, does not need the content.
    """
    types = {field.name: field.type for field in spec.inputs}
    unread = [name for name, value in inputs.items() if holds_unread(value) and types[name].is_reference]
    if not unread:
        return inputs
    try:
        return {**inputs, **{name: _read(inputs[name], services) for name in unread}}
    except ServiceError as error:
        return describe(error, inputs)


def holds_unread(value: Any) -> bool:
    """Return True if a value is a reference to a file that has not been read, or a list with such a reference."""
    if isinstance(value, LISTS):
        return bool(value) and (value[0] is None or isinstance(value[0], Ref)) and any(map(is_unread, value))
    return is_unread(value)


def _read(value: Any, services: Services) -> Any:
    if isinstance(value, LISTS):
        return [_read(item, services) for item in value] if holds_unread(value) else value
    return services.images.reload(value) if is_unread(value) else value

"""Read again the files among a node's inputs that could not be read when they were listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.context import Services
from invocations.events import NodeError
from invocations.services.errors import ServiceError
from invocations.services.images.unread import is_unread
from invocations.values import Ref

from .failures import describe


def with_files_read(inputs: Mapping[str, Any], services: Services) -> Mapping[str, Any] | NodeError:
    """Return a node's inputs with the content of each file that had not been read, or why a file cannot be read."""
    if not any(map(holds_unread, inputs.values())):
        return inputs
    try:
        return {name: _read(value, services) for name, value in inputs.items()}
    except ServiceError as error:
        return describe(error, inputs)


def holds_unread(value: Any) -> bool:
    """Return True if a value is a reference to a file that has not been read, or a list with such a reference."""
    if isinstance(value, (list, tuple)):
        return bool(value) and (value[0] is None or isinstance(value[0], Ref)) and any(map(is_unread, value))
    return is_unread(value)


def _read(value: Any, services: Services) -> Any:
    if isinstance(value, (list, tuple)):
        return [_read(item, services) for item in value] if holds_unread(value) else value
    return services.images.reload(value) if is_unread(value) else value

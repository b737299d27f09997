"""JSON data for and from other programs: references by their content, without the paths of this machine.

A path in what another program sends would let anyone find out what is on this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .values import KINDS, Ref

WITH_PATHS: Final = frozenset({"path", "parts"})  # fields of references


def public_json(value: Any) -> Any:
    """Return a value, or JSON data that contains references, as JSON data without paths."""
    if isinstance(value, Ref):
        value = value.to_json()
    if isinstance(value, (list, tuple)):
        return [public_json(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    is_reference = isinstance(value.get("kind"), str) and value["kind"] in KINDS and "name" in value
    return {key: public_json(item) for key, item in value.items() if not (is_reference and key in WITH_PATHS)}

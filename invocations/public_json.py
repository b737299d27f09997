"""JSON data for other programs: references by their content, without the paths of this machine.

What comes from other programs may name content, too, but no files: a path in it would let anyone find out what is on
this machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .values import KINDS, Ref, from_json

PATH, PARTS = "path", "parts"
NO_NAMES = ("/", "\\", "./", "../", "~")  # the beginnings of paths


def public_json(value: Any) -> Any:
    """Return a value, or JSON data that contains references, as JSON data without paths."""
    if isinstance(value, Ref):
        value = value.to_json()
    if isinstance(value, (list, tuple)):
        return [public_json(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if not _is_reference(value):
        return {key: public_json(item) for key, item in value.items()}
    data = {key: public_json(item) for key, item in value.items() if key != PATH}
    if isinstance(data.get(PARTS), list):
        data[PARTS] = [part[:2] for part in data[PARTS] if isinstance(part, list)]
    return data


def from_public_json(data: Any) -> Any:
    """Convert JSON data that another program wrote to a value.

    Raises: TypeError, if a reference is malformed, has a path or names a model by its path.
    """
    _check(data)
    return from_json(data)


def _check(data: Any) -> None:
    """Refuse references with paths. Raises: TypeError."""
    if isinstance(data, list):
        for item in data:
            _check(item)
    elif isinstance(data, Mapping):
        if _is_reference(data):
            for name in (PATH, PARTS):
                if data.get(name):
                    raise TypeError(f"a reference cannot have `{name}` here: name its content only")
            if is_path(data.get("model", "")):
                raise TypeError(f"`model` of a reference cannot be {data['model']!r:.40}: it is a path")
        for item in data.values():
            _check(item)


def is_path(name: Any) -> bool:
    """Return True if a model is named by a path that may lie outside the models folders."""
    return isinstance(name, str) and (
        name.startswith(NO_NAMES) or ".." in name.replace("\\", "/").split("/") or name[1:2] == ":" or "\0" in name
    )


def _is_reference(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("kind"), str) and data["kind"] in KINDS and "name" in data

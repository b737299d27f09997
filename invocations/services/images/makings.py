"""How images that are loaded were made, from the metadata of their files: it travels on to what is made from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from invocations.services.errors import ServiceError
from invocations.values import ImageRef

from .metadata import ANCESTORS, Metadata, read_metadata

MAX_ANCESTORS: Final = 8  # of one image
MAX_CHARACTERS: Final = 64 * 1024  # of one text or graph; longer ones are left out
MAX_IMAGES: Final = 256  # of one `load`

Making = dict[str, Any]  # source: the name of the file; line, graph, parameters: what it records


def makings_of(refs: Iterable[ImageRef]) -> dict[str, list[Making]]:
    """Return for each image that records how it was made, by name: its own record, then those of its ancestors."""
    found: dict[str, list[Making]] = {}
    for ref in list(refs)[:MAX_IMAGES]:
        if ref.path and (makings := read_makings(Path(ref.path))):
            found[ref.name] = makings
    return found


def read_makings(path: Path) -> list[Making]:
    """Return the record of a file and those of its ancestors, [] if it has none."""
    with suppress(ServiceError):
        metadata = read_metadata(path)
        own = _own(metadata, path.name)
        return [*([own] if own else []), *earlier_makings(metadata)][:MAX_ANCESTORS]
    return []


def earlier_makings(metadata: Metadata) -> list[Making]:
    """Return the ancestors that a file records; what is malformed is left out."""
    text = metadata.texts.get(ANCESTORS, "")
    with suppress(ValueError, RecursionError):
        data = json.loads(text) if 0 < len(text) <= MAX_ANCESTORS * MAX_CHARACTERS else []
        return [making for each in data if (making := _checked(each))] if isinstance(data, list) else []
    return []


def _own(metadata: Metadata, source: str) -> Making | None:
    graph = metadata.graph if len(json.dumps(metadata.graph)) <= MAX_CHARACTERS else {}
    texts = {"line": metadata.line, "graph": dict(graph), "parameters": metadata.parameters}
    kept = {key: value for key, value in texts.items() if value and len(value) <= MAX_CHARACTERS}
    return _storable({"source": source, **kept}) if kept else None


def _storable(value: Any) -> Any:
    """Return a value with undecodable bytes of file names as escapes, since it is stored as UTF-8."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_storable(key): _storable(each) for key, each in value.items()}
    return [_storable(each) for each in value] if isinstance(value, (list, tuple)) else value


def _checked(data: object) -> Making | None:
    if not isinstance(data, Mapping) or not isinstance(data.get("source"), str):
        return None
    kinds = {"source": str, "line": str, "graph": dict, "parameters": str}
    return {key: data[key] for key, kind in kinds.items() if isinstance(data.get(key), kind)}

"""Read how loaded images were made from their metadata, so that images derived from them can record it too."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from invocations.services.errors import ServiceError
from invocations.values import ImageRef

from .metadata import ANCESTORS, Metadata, read_metadata

MAX_ANCESTORS: Final = 8  # maximum number of records for one image
MAX_CHARACTERS: Final = 64 * 1024  # maximum length of a string or graph; longer ones are omitted
MAX_IMAGES: Final = 256  # maximum number of images per `load` whose records are read

Making = dict[str, Any]  # the keys are `source` (the name of the file), `line`, `graph` and `parameters`


def makings_of(refs: Iterable[ImageRef]) -> dict[str, list[Making]]:
    """Return the records of images by image name: each image's own record, then the records of its ancestors."""
    found: dict[str, list[Making]] = {}
    for ref in list(refs)[:MAX_IMAGES]:
        if ref.path and (makings := read_makings(Path(ref.path))):
            found[ref.name] = makings
    return found


def read_makings(path: Path) -> list[Making]:
    """Return the record of an image file and the records of its ancestors; [] if there are none."""
    with suppress(ServiceError):
        metadata = read_metadata(path)
        own = _own(metadata, path.name)
        return [*([own] if own else []), *earlier_makings(metadata)][:MAX_ANCESTORS]
    return []


def earlier_makings(metadata: Metadata) -> list[Making]:
    """Return the records of the ancestors of an image file; malformed records are left out."""
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
    """Escape the undecodable bytes of file names in a value, since it is stored as UTF-8."""
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

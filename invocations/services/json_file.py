"""Change a small JSON file so that no change is lost, neither to another thread nor to another process."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

from core.errors import CoreError
from core.imaging.atomic import reason_of, write_atomically
from invocations.file_lock import locked

from .errors import SaveFailed
from .folders import make_folder

_threads = RLock()  # for threads on file systems that do not support locks


def change_json(path: Path, changed: Callable[[], Any], *, indent: int | None = None, durable: bool = True) -> None:
    """Replace a file with the JSON data that `changed` returns; nobody else changes the file meanwhile.

    changed: reads the file, and returns what the file is to hold. indent: as in `json.dumps`. durable: whether the data
    survive a power cut

    Raises: SaveFailed, and whatever `changed` raises except OSError.
    """
    make_folder(path.parent)
    try:
        with _threads, locked(str(path)):
            text = json.dumps(changed(), indent=indent, separators=None if indent else (",", ":"))
            write_atomically(path, lambda file: file.write(text.encode()), durable=durable)
    except CoreError as error:
        raise SaveFailed(str(path), getattr(error, "reason", str(error))) from error
    except OSError as error:
        raise SaveFailed(str(path), reason_of(error)) from error

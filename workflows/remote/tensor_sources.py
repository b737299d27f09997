"""How tensors on a server were made: one small file each, from which the server makes them again if it must.

The cache treats such a file like the tensors themselves: a cached line needs no server, and an interrupted one resumes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from invocations.frozen import frozen
from invocations.running.workers.task import TaskStep
from invocations.values import mapping_from_json, to_json

from .images import write_whole

NAME: Final = re.compile("[0-9a-zA-Z-]{1,100}")


@frozen
class TensorSource:
    """The step that made tensors, and the output that they were."""

    step: TaskStep
    output: str


class TensorSources:
    """The sources of tensors in a folder, by the names of the tensors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path | None:
        """Return the path of the file about these tensors, or None if there is none."""
        path = self._path(name)
        return path if path is not None and path.is_file() else None

    def keep(self, name: str, step: TaskStep, output: str) -> None:
        """Remember how tensors were made. Raises: SaveFailed."""
        path = self._path(name)
        if path is not None:
            data = {"type": step.type, "version": step.version, "inputs": to_json(dict(step.inputs)), "output": output}
            write_whole(path, json.dumps(data).encode())

    def find(self, name: str) -> TensorSource | None:
        """Return how tensors were made, or None if it is not known."""
        path = self.path(name)
        try:
            data: Mapping[str, Any] = json.loads(path.read_bytes()) if path is not None else {}
            inputs = mapping_from_json(data["inputs"])
            return TensorSource(TaskStep("", str(data["type"]), str(data["version"]), (), inputs), str(data["output"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _path(self, name: str) -> Path | None:
        return self._folder / name[:2] / f"{name}.json" if NAME.fullmatch(name) else None

"""The peak memory of earlier runs, by model, precision, device and size, kept in a small file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from invocations.foreign import ForeignData, json_data, read_bytes
from invocations.frozen import frozen
from invocations.services.errors import SaveFailed
from invocations.services.folders import make_folder

FILE: Final = "peaks.json"
MAX_RUNS: Final = 20  # how many of the latest runs of a node are kept
MAX_KINDS: Final = 500  # how many combinations of model, precision, device and size are kept

State = tuple[int, int, int]  # inode, size and time of change of a file


@frozen
class Kind:
    """What the memory that a run needs depends on.

    model: describes the state of the model's files. on: the class of the device, and the precision. size: width and
    height in pixels
    """

    model: str
    on: str
    size: tuple[int, int]

    @property
    def key(self) -> str:
        """The kind as a string."""
        return f"{self.model} on {self.on} at {self.size[0]}x{self.size[1]}"


@frozen
class Peak:
    """The peak memory of a kind of run in bytes, and the number of runs in which it was measured."""

    size_bytes: int
    runs: int


class Peaks:
    """Keeps the peak memory of the latest runs; a damaged or missing file counts as empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[State, dict[str, dict[str, list[int]]]] | None = None  # what the file in this state holds

    def of(self, kind: Kind) -> Peak | None:
        """Return the peak of the node that needs most, as the median of its latest runs; None if nothing has run."""
        found = [
            Peak(sorted(runs)[(len(runs) - 1) // 2], len(runs))
            for runs in self._read().get(kind.key, {}).values()
            if runs
        ]
        return max(found, key=lambda peak: peak.size_bytes, default=None)

    def add(self, kind: Kind, node: str, size_bytes: int) -> None:
        """Keep the peak of one run of a node; if the file cannot be written, nothing is kept."""
        kinds = {**self._read()}
        key = kind.key
        nodes = {**kinds.pop(key, {})}
        nodes[node] = [*nodes.get(node, []), size_bytes][-MAX_RUNS:]
        kinds[key] = nodes
        latest = dict([*kinds.items()][-MAX_KINDS:])
        with suppress(OSError, SaveFailed):
            make_folder(self._path.parent)
            temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}")
            temporary.write_text(json.dumps(latest, separators=(",", ":")), encoding="utf-8")
            self._known = _state_of(temporary), latest
            os.replace(temporary, self._path)

    def _read(self) -> dict[str, dict[str, list[int]]]:
        """Return what is stored; the file is read again only if it was replaced."""
        try:
            state = _state_of(self._path)
            if self._known is None or self._known[0] != state:
                self._known = state, _kinds(json_data(read_bytes(self._path)))
            return self._known[1]
        except (OSError, ForeignData):
            return {}


def _state_of(path: Path) -> State:
    status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _kinds(data: Any) -> dict[str, dict[str, list[int]]]:
    return {str(key): _nodes(nodes) for key, nodes in data.items()} if isinstance(data, dict) else {}


def _nodes(data: Any) -> dict[str, list[int]]:
    if not isinstance(data, Mapping):
        return {}
    lists = {str(node): runs for node, runs in data.items() if isinstance(runs, list)}
    return {node: [run for run in runs if type(run) is int and run > 0] for node, runs in lists.items()}

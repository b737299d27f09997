"""The peak memory of earlier runs, by model, precision, device and size, kept in a small file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from invocations.foreign import FileState, ForeignData, file_state, json_data, read_bytes
from invocations.frozen import frozen
from invocations.services.errors import SaveFailed
from invocations.values import ImageRef, LatentsRef, ModelRef

if TYPE_CHECKING:
    from .batch_peaks import BatchPeaks

FILE: Final = "peaks.json"
MAX_RUNS: Final = 20  # how many of the latest runs of a node are kept
MAX_OPEN: Final = 50  # how many kinds of runs without an image are held
MAX_HELD: Final = 100  # how many nodes of a kind of run without an image are held
MAX_KINDS: Final = 500  # how many combinations of model, precision, device and size are kept


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
    def group(self) -> str:
        """What the kinds for all sizes of images have in common, as a string."""
        return f"{self.model} on {self.on} at "

    @property
    def key(self) -> str:
        """The kind as a string."""
        return f"{self.group}{self.size[0]}x{self.size[1]}"

    @property
    def batches_key(self) -> str:
        """The kind as a string, for nodes that ran several at once."""
        return f"{self.key} in batches"


@frozen
class Peak:
    """The peak memory of a kind of run in bytes, and the number of runs in which it was measured."""

    size_bytes: int
    runs: int


class Peaks:
    """Keeps the peak memory of the latest runs; a damaged or missing file counts as empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[FileState, dict[str, dict[str, list[int]]]] | None = (
            None  # what the file in this state holds
        )

    def of(self, kind: Kind) -> Peak | None:
        """Return the peak of the node that needs most, as the median of its latest runs; None if nothing has run."""
        return _peak(self._read().get(kind.key, {}))

    def by_size(self, kind: Kind) -> dict[tuple[int, int], Peak]:
        """Return the peaks of a kind for every size of images that was measured."""
        found = {}
        for key, nodes in self._read().items():
            width, _, height = key.removeprefix(kind.group).partition("x")
            if key.startswith(kind.group) and width.isdecimal() and height.isdecimal() and (peak := _peak(nodes)):
                found[int(width), int(height)] = peak
        return found

    def of_batches(self, kind: Kind, node: str) -> BatchPeaks:
        """Return what a node took that ran for one image, or for several at once."""
        from .batch_peaks import batch_peaks  # imported on demand: most lines run no batches

        known = self._read()
        single = _peak({node: known.get(kind.key, {}).get(node, [])})
        medians = {name: _median(runs) for name, runs in known.get(kind.batches_key, {}).items() if runs}
        return batch_peaks(node, None if single is None else single.size_bytes, medians)

    def add(self, kind: Kind, *runs: tuple[str, int]) -> None:
        """Keep the peaks of runs of nodes, in bytes; if the file cannot be read or written, nothing is kept."""
        self._add(kind.key, runs)

    def add_batch(self, kind: Kind, name: str, size_bytes: int) -> None:
        """Keep the peak of a batch, or what was free when it failed; see `batch_name`."""
        self._add(kind.batches_key, [(name, size_bytes)])

    def _add(self, key: str, runs: Sequence[tuple[str, int]]) -> None:
        from invocations.services.json_file import change_json

        with suppress(SaveFailed):
            change_json(self._path, lambda: self._with(key, runs), durable=False)

    def _with(self, key: str, runs: Sequence[tuple[str, int]]) -> dict[str, dict[str, list[int]]]:
        """Return what is stored, with more runs. Raises: OSError."""
        try:
            kinds = {**self._stored()}
        except FileNotFoundError:
            kinds = {}
        nodes = {**kinds.pop(key, {})}
        for node, size_bytes in runs:
            nodes[node] = [*nodes.get(node, []), size_bytes][-MAX_RUNS:]
        kinds[key] = nodes
        return dict([*kinds.items()][-MAX_KINDS:])

    def _read(self) -> dict[str, dict[str, list[int]]]:
        try:
            return self._stored()
        except OSError:
            return {}

    def _stored(self) -> dict[str, dict[str, list[int]]]:
        """Return what is stored; the file is read again only if it was replaced. Raises: OSError."""
        state, known = file_state(os.stat(self._path)), self._known
        if known is None or known[0] != state:
            try:
                known = state, _kinds(json_data(read_bytes(self._path)))
            except ForeignData:
                known = state, {}
            self._known = known
        return known[1]


def _peak(nodes: Mapping[str, list[int]]) -> Peak | None:
    found = [Peak(_median(runs), len(runs)) for runs in nodes.values() if runs]
    return max(found, key=lambda peak: peak.size_bytes, default=None)


def _median(runs: Sequence[int]) -> int:
    return sorted(runs)[(len(runs) - 1) // 2]


def sized(inputs: Mapping[str, Any], outputs: Mapping[str, Any]) -> tuple[ModelRef, tuple[int, int], str] | None:
    """Return the model of a node, the size of what it makes, and its place in a run (see `OpenRuns.add`).

    Return None if it makes neither images nor latents with a model.
    """
    models = [value for value in inputs.values() if isinstance(value, ModelRef)]
    if not models:
        return None
    made = next((value for value in outputs.values() if isinstance(value, ImageRef | LatentsRef)), None)
    if made is None:
        return None
    whole = "end" if any(isinstance(value, LatentsRef) for value in inputs.values()) else "whole"
    return models[0], (made.width, made.height), "start" if isinstance(made, LatentsRef) else whole


def _kinds(data: Any) -> dict[str, dict[str, list[int]]]:
    return {str(key): _nodes(nodes) for key, nodes in data.items()} if isinstance(data, dict) else {}


def _nodes(data: Any) -> dict[str, list[int]]:
    if not isinstance(data, Mapping):
        return {}
    lists = {str(node): runs for node, runs in data.items() if isinstance(runs, list)}
    return {node: [run for run in runs if type(run) is int and run > 0] for node, runs in lists.items()}


class OpenRuns:
    """Holds the peaks of nodes until their image is there: a run that ended early says nothing about a whole run."""

    def __init__(self, peaks: Peaks) -> None:
        self._peaks = peaks
        self._lock = Lock()
        self._held: dict[Kind, list[tuple[str, int]]] = {}  # the nodes of each kind of run, with their peaks

    def add(self, kind: Kind, node: str, size_bytes: int, place: str) -> None:
        """Keep the peak of a node. place: `start` or `end` of a run, or `whole` for a node that does everything."""
        if place == "start":
            self._hold(kind, node, size_bytes)
            return
        with self._lock:
            held = self._held.pop(kind, []) if place == "end" else []
        if held or place == "whole" or self._peaks.of(kind) is not None:
            self._peaks.add(kind, *held, (node, size_bytes))

    def _hold(self, kind: Kind, node: str, size_bytes: int) -> None:
        """Hold the peak of a node; of the runs that never end, only the latest are held."""
        with self._lock:
            held = [*self._held.pop(kind, []), (node, size_bytes)]
            self._held[kind] = held[-MAX_HELD:]
            while len(self._held) > MAX_OPEN:
                del self._held[next(iter(self._held))]

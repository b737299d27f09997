"""Read, from the last entries of each log, how long nodes took in the latest sessions, without opening the sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from invocations.foreign import ForeignData, number, stored_json
from invocations.frozen import frozen

MAX_SESSIONS: Final = 20
MAX_ENTRIES: Final = 3000  # maximum number of entries read from one session, which takes about 0.05 s
ENTRIES: Final = """
    select data from entries where session = ? and substr(data, 1, 19) in ('{"entry":"finished"', '{"entry":"extension')
    order by number desc limit ?
"""
NOTHING: Final = (0, 0)


@frozen
class PastRun:
    """A run of a node that was neither cached nor failed.

    model: the name of the model that the node used, or "" if none
    size: width and height in pixels of the image or latents that the node made, or (0, 0) if none
    steps: the number of steps that the node took; 1 if the node has no steps
    """

    type: str
    model: str
    size: tuple[int, int]
    steps: int
    seconds: float


def past_runs(rows: Iterable[str]) -> Iterator[PastRun]:
    """Yield the runs in the rows of one log, keeping the order of the rows; unreadable rows are left out."""
    entries = [entry for row in rows if (entry := _entry(row)) is not None]
    finished = [entry for entry in entries if entry.get("entry") == "finished"]
    models = {entry["node"]: name for entry in finished if (name := _model(entry["outputs"]))}
    sources = {
        target: source for entry in entries for source, _, target, _ in entry.get("edges", ()) if source in models
    }
    for entry in finished:
        if not entry.get("reused"):
            model = models.get(sources.get(entry["node"], entry["node"]), "")
            size = _size(entry["outputs"])
            yield PastRun(entry["type"], model, size, steps_of(entry.get("facts")), entry["seconds"])


def _entry(row: str) -> dict[str, Any] | None:
    """Parse a row of a log; return None if the row is damaged."""
    try:
        entry = stored_json(row)
        if not isinstance(entry, dict):
            return None
        if entry.get("entry") == "finished":
            number(entry.get("seconds"))
            sound = all(isinstance(entry.get(name), str) for name in ("node", "type"))
            return entry if sound and isinstance(entry.get("outputs"), dict) else None
    except ForeignData:
        return None
    edges = entry.get("edges", [])
    sound = isinstance(edges, list) and all(isinstance(each, list) and len(each) == 4 for each in edges)
    return entry if sound and all(isinstance(word, str) for each in edges for word in each) else None


def _model(outputs: Mapping[str, Any]) -> str:
    """Return the name of the model that a node has loaded, or ""."""
    found = (
        value.get("model") for value in outputs.values() if isinstance(value, dict) and value.get("kind") == "model"
    )
    return str(next(found, ""))


def _size(outputs: Mapping[str, Any]) -> tuple[int, int]:
    """Return the size of the first image or of the first latents among the outputs of a node."""
    for value in outputs.values():
        size = tuple(value.get(side) for side in ("width", "height")) if isinstance(value, dict) else ()
        if len(size) == 2 and isinstance(size[0], int) and isinstance(size[1], int):
            return size[0], size[1]
    return NOTHING


def steps_of(facts: Any) -> int:
    """Return how many steps denoising takes: with a denoising strength below 1, only the last steps run."""
    steps, strength = (facts.get("steps"), facts.get("strength")) if isinstance(facts, dict) else (None, None)
    if not isinstance(steps, int) or steps <= 0:
        return 1
    share = strength if isinstance(strength, (int, float)) and 0 < strength <= 1 else 1
    return max(1, int(steps * share))

"""Estimate how long an item takes, from how long the same nodes took before, and when each item begins and ends.

The estimate is coarse: results that are cached count as if they were computed, and a node that has not run yet with the
model takes as long as with other models.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heapreplace
from math import prod
from statistics import median
from typing import Final

from invocations.events import NodeFinished
from invocations.frozen import frozen
from invocations.graph.graph import Graph
from invocations.sessions.session import Session
from invocations.storing.past_runs import PastRun, steps_of
from invocations.values import ModelRef

from .base import QueueItem, QueueTurns
from .order import arranged

MOST: Final = 20  # how many of the latest runs of each kind are used
STEPS: Final = "steps"
Sample = tuple[int, int, float]  # pixels, steps, seconds


@frozen
class QueueStanding:
    """Where an item stands now.

    position: 0 while it runs; 1 for the item that runs next. starts_in, ends_in: in how many seconds it will probably
    begin and end; None if that is not known.
    """

    position: int
    starts_in: float | None
    ends_in: float | None


class RunTimes:
    """How long the latest runs of each kind of node took; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._samples: dict[tuple[str, str], deque[Sample]] = {}  # by command and model, the latest last

    def learn(self, runs: Iterable[PastRun]) -> None:
        """Add runs, the latest first, as older than those that are known."""
        for run in runs:
            self._add(run, is_latest=False)

    def learn_event(self, session: Session, event: NodeFinished) -> None:
        """Add the run of a node that has just finished."""
        if not event.reused:
            width, height = _size_of(event.outputs)
            model = _model_of(session, event.node_id)
            seconds = max(event.seconds - event.load_seconds, 0.0)
            run = PastRun(event.node_type, model, (width, height), steps_of(event.facts), seconds)
            self._add(run, is_latest=True)

    def _add(self, run: PastRun, *, is_latest: bool) -> None:
        sample = (run.size[0] * run.size[1], run.steps, run.seconds)
        with self._lock:
            found = self._samples.setdefault((run.type, run.model), deque())
            if is_latest:
                found.append(sample)
                while len(found) > MOST:
                    found.popleft()
            elif len(found) < MOST:
                found.appendleft(sample)

    def seconds(
        self, session: Session, nodes: Sequence[str], *, model: str = "", sweeps: Mapping[str, int] | None = None
    ) -> float | None:
        """Return how long some nodes of a session will probably take together; None if a model has never been used.

        model: the name of the model that the nodes use. sweeps: the numbers of items of some `iterate` nodes
        """
        total, is_known = 0.0, False
        pixels = _pixels_of(session.graph, nodes)
        for id_ in nodes:
            spec = session.graph.node_type(id_).spec
            if spec.role != "node":
                continue
            steps = session.graph.nodes[id_].inputs.get(STEPS)
            found = self._each(spec.type, model, pixels, steps if isinstance(steps, int) else 0)
            if found is None and spec.model_bound:
                return None
            is_known = is_known or found is not None
            times = prod((sweeps or {}).get(axis) or 1 for axis in session.expansion.loops.axes(id_))
            total += (found or 0.0) * times
        return total if is_known else None

    def _each(self, type_: str, model: str, pixels: int, steps: int) -> float | None:
        """Return how long one run of a command probably takes; steps: 0 for as many as it usually takes."""
        with self._lock:
            samples = [*(self._samples.get((type_, model)) or ())] or [
                sample for (name, _), found in self._samples.items() if name == type_ for sample in found
            ]
        if not samples:
            return None
        same = [sample for sample in samples if sample[0] == pixels] or samples
        scale = [pixels / size if pixels and size else 1.0 for size, _, _ in same]
        pace = median(seconds / count * ratio for (_, count, seconds), ratio in zip(same, scale, strict=True))
        return float(pace * (steps or median(count for _, count, _ in same)))


def standings(
    running: Iterable[QueueItem], waiting: Sequence[QueueItem], turns: QueueTurns, *, slots: int, now: float
) -> dict[str, QueueStanding]:
    """Return where each running and waiting item stands, by its id. slots: how many items run at once"""
    found: dict[str, QueueStanding] = {}
    free: list[float] = [0.0] * slots  # when each slot has nothing more to do, in seconds from now
    is_known = slots > 0
    for number, item in enumerate(running):
        left = None if item.seconds is None else max(item.seconds - (now - item.started), 0.0)
        found[item.id] = QueueStanding(0, 0.0, left)
        is_known = is_known and left is not None
        if number < slots:
            free[number] = left or 0.0
    heapify(free)
    for position, item in enumerate(arranged(waiting, turns), 1):
        starts = free[0] if is_known else None
        is_known = is_known and item.seconds is not None
        ends = (starts or 0.0) + (item.seconds or 0.0) if is_known else None
        if ends is not None:
            heapreplace(free, ends)
        found[item.id] = QueueStanding(position, starts, ends)
    return found


def _size_of(outputs: Mapping[str, object]) -> tuple[int, int]:
    """Return the size of the first image or of the first latents among the outputs of a node."""
    for value in outputs.values():
        width, height = getattr(value, "width", None), getattr(value, "height", None)
        if isinstance(width, int) and isinstance(height, int):
            return width, height
    return 0, 0


def _pixels_of(graph: Graph, nodes: Iterable[str]) -> int:
    """Return how many pixels the first node has that is given a width and a height, or 0."""
    for id_ in nodes:
        width, height = (graph.nodes[id_].inputs.get(side) for side in ("width", "height"))
        if isinstance(width, int) and isinstance(height, int):
            return width * height
    return 0


def _model_of(session: Session, node_id: str) -> str:
    """Return the name of the model that a node has used, or ""."""
    bound = session.graph.node_type(node_id).spec.model_bound
    for edge in session.graph.incoming(node_id) if bound else ():
        if edge.input == bound:
            value = session.results.get((edge.source, ()), {}).get(edge.output)
            return value.model if isinstance(value, ModelRef) else ""
    return ""

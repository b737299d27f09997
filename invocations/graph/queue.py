"""The order in which ready runs are executed: depth first, and all work for one model before another is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

from .axes import Axes
from .graph import Graph
from .loops import Loops, Path

Work = TypeVar("Work")
Place = tuple[int, ...]


class Places:
    """Knows the place of each run in the execution order: nodes as written, and the items of a loop one after another.

    A node whose result is used in a loop is placed in the first item that uses it, even if the node itself is outside
    the loop. The axes that a `collect` node closes advance faster than the axes that it keeps, so that its first list
    is complete as soon as possible.
    """

    def __init__(self, graph: Graph, loops: Loops) -> None:
        self._graph = graph
        self._loops = loops
        self._reach: dict[str, Axes] = {}  # the axes of the innermost loop that uses a node's result, slowest first

    def add(self, ids: Iterable[str]) -> None:
        """Add new nodes, each after the nodes that depend on it."""
        for id_ in ids:
            reach = axes = self._loops.axes(id_)
            slow: Axes = ()  # the axes that advance first if their order differs from the order of the loops
            for edge in self._graph.outgoing(id_):
                inner = self._reach.get(edge.target)
                if not inner:
                    continue
                if self._graph.node_type(edge.target).many:
                    inner = tuple(axis for axis in inner if axis in axes)
                    inner = (*inner, *(axis for axis in axes if axis not in inner))
                reach = self._graph.merge_axes((reach, inner))
                slow = slow or (inner if inner != self._sorted(inner) else ())
            if reach:
                self._reach[id_] = (*slow, *(axis for axis in reach if axis not in slow)) if slow else reach

    def _sorted(self, axes: Axes) -> Axes:
        return tuple(sorted(axes, key=self._graph.rank)) if len(axes) > 1 else axes

    def of(self, id_: str, path: Path) -> Place:
        """Return the place of one run of a node; a lower place comes first."""
        reach = self._reach.get(id_)
        if not reach:
            return (self._graph.rank(id_),)
        index = dict(zip(self._loops.axes(id_), path, strict=True))
        place: list[int] = []
        for axis in reach:
            place += (self._graph.rank(axis), index.get(axis, 0))
        return (*place, self._graph.rank(id_))


class ReadyQueue(Generic[Work]):
    """A queue of work, ordered by place; work for another model comes after work for the current model or for none."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[tuple[Place, int, Work]]] = {}  # one heap per model; "" stands for no model
        self._model = ""
        self._models: dict[str, str] = {}  # for each worker, the model of its latest work
        self._count = 0

    def put(self, model: str, place: Place, work: Work) -> None:
        """Add work; `model` is the model that must be loaded, or "" if none."""
        self._count += 1  # makes each entry unique, so that work is never compared
        heappush(self._waiting.setdefault(model, []), (place, self._count, work))

    def take(self) -> Work | None:
        """Remove and return the next piece of work, or return None if the queue is empty."""
        if not self._waiting:
            return None
        model = self._next_model() if len(self._waiting) > 1 else next(iter(self._waiting))
        self._model = model or self._model
        return self._pop(model)

    @property
    def first_place(self) -> Place | None:
        """The place of the work that `take` would return, or None if the queue is empty."""
        return self._waiting[self._next_model()][0][0] if self._waiting else None

    def take_for(self, worker: str, pays: Callable[[str, int], bool]) -> Work | None:
        """Remove and return the next piece of work for one of several workers, or None if there is none for it.

        Work for no model or for the worker's model comes first, then work for a model that no worker has, then work
        for a model that another worker has, if it `pays` to load the model (name, number of waiting pieces) once more.
        """
        own = self._models.get(worker, "")
        others = {model for each, model in self._models.items() if each != worker}
        for choice in (
            [model for model in self._waiting if own and model in ("", own)],
            [model for model in self._waiting if model not in others],
            [model for model in self._waiting if pays(model, len(self._waiting[model]))],
        ):
            if choice:
                return self._pop(min(choice, key=lambda model: self._waiting[model][0]))
        return None

    def assign(self, worker: str, model: str) -> None:
        """Remember the model of the work that a worker does now; no model ("") changes nothing."""
        if model:
            self._models[worker] = model

    def forget(self, worker: str) -> None:
        """Forget the model of a worker that has ended."""
        self._models.pop(worker, None)

    def _pop(self, model: str) -> Work:
        heap = self._waiting[model]
        work = heappop(heap)[2]
        if not heap:
            del self._waiting[model]
        return work

    def _next_model(self) -> str:
        """Return the model of the next work: "" or the current model if either has work, otherwise another model."""
        models = [model for model in ("", self._model) if model in self._waiting] if self._model else []
        return min(models or self._waiting, key=lambda model: self._waiting[model][0])

    def __iter__(self) -> Iterator[Work]:
        return (work for heap in self._waiting.values() for _, _, work in heap)

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __len__(self) -> int:
        return sum(len(heap) for heap in self._waiting.values())

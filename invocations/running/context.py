"""The context in which a step runs, in this process or in a worker: it knows the step, not the session."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any

from invocations.context import InvocationContext, Record, Services
from invocations.errors import Cancelled, InvocationError
from invocations.events import (
    Event,
    LogMessage,
    ModelLoadFinished,
    ModelLoadStarted,
    NodeProgress,
    NodeRetried,
    Path,
)

if TYPE_CHECKING:
    from invocations.services.enhancement.base import EnhancementService
    from invocations.services.files.base import FileService
    from invocations.services.generation.base import GenerationService
    from invocations.services.images.base import ImageService
    from invocations.services.models.base import ModelService
    from invocations.services.tensors.base import TensorService

SESSION_NEEDED = "session_needed"  # code of the error for a step that cannot run without its session
SLICED = "in_pieces"  # name of the fact that marks a result computed in slices to save memory
at_work: ContextVar[StepContext | None] = ContextVar("at_work", default=None)


def model_load(model: str, part: str, done: bool) -> None:
    """Report that the running node is loading a part of a model or, if `done`, that the part has been loaded."""
    context = at_work.get()
    if context is not None:
        context.model_load(model, part, done)


def note(message: str) -> bool:
    """Show a note about the running node, even without -v; return False if no node is running."""
    context = at_work.get()
    if context is not None:
        context.note(message)
    return context is not None


class SessionNeeded(InvocationError):
    """A node that runs in a worker asked for something that only the process with its session knows."""

    code = SESSION_NEEDED

    def __init__(self) -> None:
        super().__init__("a worker does not know the session")


run_cancelled: ContextVar[Callable[[], bool]] = ContextVar("run_cancelled", default=bool)


def run_is_cancelled() -> bool:
    """Return True if the run in this thread has been cancelled, also between its nodes; False if there is no run."""
    return run_cancelled.get()()


def is_cancelled() -> bool:
    """Return True if the run of the node that runs in this thread has been cancelled; False if none runs."""
    context = at_work.get()
    return context is not None and context._is_cancelled()


def _limited(previews: Callable[[], bool]) -> Callable[[], bool]:
    from .preview_rate import PreviewRate  # imported on demand: few runs are watched

    return PreviewRate(previews)


class StepContext(InvocationContext):
    """The context of one run of a node.

    emit: receives the events of the node. is_cancelled: once it returns True, the node stops. separate: whether the
    items of the node's list are used one at a time. previews: see `Job`.
    """

    def __init__(
        self,
        session_id: str,
        node_id: str,
        node_type: str,
        path: Path,
        *,
        services: Services,
        emit: Callable[[Event], None],
        is_cancelled: Callable[[], bool],
        separate: bool = False,
        previews: Callable[[], bool] | None = None,
    ) -> None:
        self.session_id = session_id
        self.node_id = node_id
        self.facts: dict[str, Any] = {}
        self._node_type = node_type
        self._path = path
        self._services = services
        self._emit = emit
        self._is_cancelled = is_cancelled
        self._separate = separate
        self.wants_preview = None if previews is None else _limited(previews)
        self._low_memory = False
        self._loading: dict[tuple[str, str], float] = {}
        self.load_seconds = 0.0  # how long the node has waited for models so far

    @cached_property
    def seed(self) -> int:  # type: ignore[override] # computed on first use
        """A 32-bit number that is the same whenever this node and iteration of this session run."""
        text = f"{self.session_id}\n{self.node_id}\n{self._path}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")

    @property
    def images(self) -> ImageService:
        return self._services.images

    @property
    def files(self) -> FileService:
        return self._services.files

    @property
    def tensors(self) -> TensorService:
        return self._services.tensors

    @property
    def models(self) -> ModelService:
        return self._services.models

    @property
    def generation(self) -> GenerationService:
        return self._services.generation

    @property
    def enhancement(self) -> EnhancementService:
        return self._services.enhancement

    def progress(self, step: int, of: int, preview: Any = None) -> None:
        self._emit(NodeProgress(*self._where(), step=step, of=of, preview=preview))
        if self._is_cancelled():
            raise Cancelled

    def cancelled(self) -> bool:
        return self._is_cancelled()

    @property
    def low_memory(self) -> bool:
        if self._low_memory:
            self.facts[SLICED] = True
        return self._low_memory

    @property
    def items_are_separate(self) -> bool:
        return self._separate

    def fact(self, name: str, value: Any) -> None:
        self.facts[name] = value

    def log(self, message: str) -> None:
        self._emit(LogMessage(*self._where(), message=message))

    def warn(self, message: str) -> None:
        self._emit(LogMessage(*self._where(), message=message, warning=True))

    def note(self, message: str) -> None:
        """Log a message that is shown even without -v, as a note."""
        self._emit(LogMessage(*self._where(), message=message, note=True))

    def claim(self, target: str) -> None:
        raise SessionNeeded

    @property
    def claimed(self) -> str:
        raise SessionNeeded

    @property
    def replaces(self) -> str:
        raise SessionNeeded

    def record(self) -> Record:
        raise SessionNeeded

    def model_load(self, model: str, part: str, done: bool) -> None:
        """Report that a part of a model is being loaded or, if `done`, has been loaded."""
        if not done:
            self._loading[model, part] = time.perf_counter()
            self._emit(ModelLoadStarted(*self._where(), model=model, part=part))
            return
        seconds = time.perf_counter() - self._loading.pop((model, part), time.perf_counter())
        self.load_seconds += seconds
        self._emit(ModelLoadFinished(*self._where(), model=model, part=part, seconds=seconds))

    def _where(self) -> tuple[str, str, str, Path, float]:
        return self.session_id, self.node_id, self._node_type, self._path, time.time()

    def run_again_with_low_memory(self, reason: str) -> None:
        """Prepare for running the node again after memory ran out, without the facts of the first attempt."""
        self.facts, self._low_memory = {}, True
        self._emit(NodeRetried(*self._where(), reason=reason))

"""Decide about each attempt to compute a node: whether it may run again, and whether in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from invocations.cache.keys import CacheKey
from invocations.events import Event, NodeError, Path
from invocations.graph.expand import NodeStep
from invocations.sessions.journal import Began, Claimed
from invocations.spec import InvocationSpec
from invocations.values import ModelRef

from .base import Job
from .deaths import AGAIN, MAX_DEATHS, THRICE, TWICE, boot_id, quarantine
from .inline import Classes, Made, perform
from .session_context import SessionContext

if TYPE_CHECKING:
    from .workers.base import Workers

Where = tuple[str, str, str, Path, float]  # session id, node id, node type, iteration path, time
LOCAL_ROLES = frozenset({"loads", "saves", "shows"})  # roles of nodes that use the user's files or terminal


class Ready(NamedTuple):
    """A step whose result is not cached; `inputs` are complete: the files among them have been read.

    started: when looking it up began, as `time.perf_counter` returns it. begun: whether its start is recorded already
    """

    step: NodeStep
    inputs: Mapping[str, Any]
    spec: InvocationSpec
    where: Where
    key: CacheKey | None
    started: float
    begun: bool = False


class Attempt:
    """Begins the nodes of a job, and computes those that run here."""

    def __init__(
        self,
        job: Job,
        *,
        emit: Callable[[Event], None],
        record: Callable[[Any], Any],
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._job = job
        self._session = job.session
        self._emit = emit
        self._record = record
        self._is_cancelled = is_cancelled
        self._classes: Classes = {}
        self._recorded: dict[str, bool] = {}
        self._may_use_worker: dict[str, bool] = {}

    def compute(self, ready: Ready) -> Made:
        """Run a node here and return its result and the memory it used, or why it failed or is quarantined.

        Raises: Cancelled.
        """
        _, inputs, spec, where, _, _, begun = ready
        recorded = self.is_recorded(spec)
        if recorded and not begun:
            refused = self.refusal(where)
            if refused is not None:
                return refused
            self.begin(where)
            is_suspect = (where[1], where[3]) in self._session.suspects
            if self._job.alone is not None and (is_suspect or self._starts(where) > MAX_DEATHS):
                return self._run_alone(ready, self._job.alone(), AGAIN if is_suspect else TWICE)
        return perform(
            spec, inputs, self.context(ready), services=self._job.services, catalog=self._job.catalog,
            classes=self._classes, measured=recorded,
        )  # fmt: skip

    def context(self, ready: Ready, emit: Callable[[Event], None] | None = None) -> SessionContext:
        """Return the context of a step; `emit` receives its events instead of the run."""
        _, id_, path, _ = ready.step
        return SessionContext(
            self._session, id_, ready.where[2], path, services=self._job.services, emit=emit or self._emit,
            is_cancelled=self._is_cancelled, claim=lambda target: self._record(Claimed(id_, path, target)),
            catalog=self._job.catalog, previews=self._job.previews,
        )  # fmt: skip

    def previews(self) -> bool | None:
        """Return True if nodes make previews now, or None if the settings determine it."""
        return None if self._job.previews is None else self._job.previews()

    def is_recorded(self, spec: InvocationSpec) -> bool:
        """Return True if the start of this node must be recorded, so that `Session.deaths` can count its crashes.

        Built-in nodes on plain values cannot crash the process, and recording the start costs as much as running them.
        """
        known = self._recorded.get(spec.type)
        if known is None:
            known = spec.origin != "built in" or any(
                map(attrgetter("type.is_reference"), (*spec.outputs, *spec.inputs))
            )
            self._recorded[spec.type] = known
        return known

    def may_use_worker(self, spec: InvocationSpec) -> bool:
        """Return True if a worker may run a node: its result depends on its inputs only, and it may take long."""
        known = self._may_use_worker.get(spec.type)
        if known is None:
            known = self._may_use_worker[spec.type] = (
                spec.reusable
                and self.is_recorded(spec)
                and LOCAL_ROLES.isdisjoint(spec.roles)
                and not any(output.type.kind == ModelRef.kind for output in spec.outputs)
            )
        return known

    def run_locally(self, spec: InvocationSpec) -> None:
        """Run a node in this process from now on, because it needs the session."""
        self._may_use_worker[spec.type] = False

    def lost(self, where: Where, why: str) -> NodeError | None:
        """Return why a node may not run again after its worker has ended; `why` describes how."""
        return quarantine(why, THRICE) if self._starts(where) > MAX_DEATHS else None

    def refusal(self, where: Where) -> NodeError | None:
        """Return why a node may not run, if it crashed too often."""
        is_safe = self._job.alone is not None or self._starts(where) <= MAX_DEATHS
        return None if is_safe and (where[1], where[3]) not in self._session.quarantined else quarantine()

    def begin(self, where: Where) -> None:
        """Record that a node begins to run."""
        _, id_, kind, path, time = where
        self._record(Began(id_, kind, path, time, boot_id()))

    def has_crashed(self, where: Where) -> bool:
        """Return True if the program ended while a node was running."""
        return self._starts(where) > 0

    def _starts(self, where: Where) -> int:
        """Return how often a node has begun to run without an end since the machine was started."""
        return self._session.deaths((where[1], where[3]), boot_id())

    def _run_alone(self, ready: Ready, workers: Workers, crashes: str) -> Made:
        """Run a node in a separate process, because it may have crashed the program; `crashes` describes how often."""
        from .workers.alone import run_alone
        from .workers.task import TaskStep, WorkerTask

        _, id_, path, _ = ready.step
        step = TaskStep(id_, ready.spec.type, ready.spec.version, path, ready.inputs)
        self._job.services.flush()
        return run_alone(
            workers, WorkerTask(1, 1, self._session.id, (step,), reads_session=True), emit=self._emit,
            claim=lambda target: self._record(Claimed(id_, path, target)), is_cancelled=self._is_cancelled,
            crashes=crashes,
        )  # fmt: skip

"""Decide about each attempt to compute a node: whether it may run again, and whether in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from invocations.errors import Cancelled
from invocations.events import Event, NodeError, Path
from invocations.graph.expand import NodeStep
from invocations.sessions.journal import Began, Claimed
from invocations.spec import InvocationSpec

from .base import Job
from .deaths import MAX_DEATHS, boot_id, quarantine
from .inline import Classes, Made, perform
from .meter import NOTHING
from .session_context import SessionContext

if TYPE_CHECKING:
    from .alone import Alone

Where = tuple[str, str, str, Path, float]  # session id, node id, node type, iteration path, time


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

    def compute(self, step: NodeStep, spec: InvocationSpec, where: Where) -> Made:
        """Run a node here and return its result and the memory it used, or why it failed or is quarantined.

        Raises: Cancelled.
        """
        _, id_, path, inputs = step
        recorded = self.is_recorded(spec)
        if recorded:
            refused = self.begin(where)
            if refused is not None:
                return refused
            if self._job.alone is not None and self._starts(where) > MAX_DEATHS:
                return self._run_alone(step, self._job.alone())
        context = SessionContext(
            self._session, id_, where[2], path, services=self._job.services, emit=self._emit,
            is_cancelled=self._is_cancelled, claim=lambda target: self._record(Claimed(id_, path, target)),
            catalog=self._job.catalog,
        )  # fmt: skip
        return perform(
            spec, inputs, context, services=self._job.services, catalog=self._job.catalog, classes=self._classes,
            measured=recorded,
        )  # fmt: skip

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

    def begin(self, where: Where) -> NodeError | None:
        """Record that a node begins to run; return why it may not, if it crashed too often."""
        _, id_, kind, path, time = where
        is_safe = self._job.alone is not None or self._starts(where) <= MAX_DEATHS
        if (id_, path) in self._session.quarantined or not is_safe:
            return quarantine()
        self._record(Began(id_, kind, path, time, boot_id()))
        return None

    def _starts(self, where: Where) -> int:
        """Return how often a node has begun to run without an end since the machine was started."""
        return self._session.deaths((where[1], where[3]), boot_id())

    def _run_alone(self, step: NodeStep, alone: Alone) -> Made:
        """Run a node in a separate process, because it may have crashed the program twice."""
        from .failures import Died, describe

        _, id_, path, inputs = step
        try:
            found = alone.run(
                self._session.id, id_, path, emit=self._emit, is_cancelled=self._is_cancelled,
                claim=lambda target: self._record(Claimed(id_, path, target)),
            )  # fmt: skip
        except Cancelled:
            raise
        except Died as died:
            return quarantine(str(died))
        except Exception as error:  # the node may come from a plug-in
            return describe(error, inputs)
        return found, NOTHING

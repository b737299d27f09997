"""Attempt to compute a node: in this process, again with less memory, or in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from invocations.cache.base import CachedResult
from invocations.errors import Cancelled
from invocations.events import Event, NodeError, NodeRetried, Path
from invocations.graph.expand import NodeStep
from invocations.sessions.journal import Began
from invocations.sessions.session import Claimed
from invocations.spec import InvocationSpec

from .base import Job
from .context import SLICED, LocalContext, invoke_node
from .deaths import MAX_DEATHS, boot_id, quarantine
from .failures import Died, describe, ran_out_of_memory
from .meter import NOTHING, Meter, Used

if TYPE_CHECKING:
    from invocations.invocation import Invocation

    from .alone import Alone

Where = tuple[str, str, str, Path, float]  # session id, node id, node type, iteration path, time
NO_MEMORY = "out of memory: unloading models and running the node again, in slices if possible"


class Attempt:
    """Computes the nodes of a job."""

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
        self._classes: dict[str, type[Invocation]] = {}
        self._recorded: dict[str, bool] = {}

    def compute(
        self, step: NodeStep, spec: InvocationSpec, where: Where
    ) -> Generator[Event, None, tuple[CachedResult, Used] | NodeError]:
        """Run a node and return its result and the memory it used, or why it failed or is quarantined.

        Raises: Cancelled.
        """
        _, id_, path, inputs = step
        deaths = self._session.deaths((id_, path), boot_id())
        if (id_, path) in self._session.quarantined or (self._job.alone is None and deaths > MAX_DEATHS):
            return quarantine()
        meter = None
        if self.is_recorded(spec):
            self._record(Began(id_, spec.type, path, where[4], boot_id()))
            meter = Meter()
        try:
            if self._job.alone is not None and deaths >= MAX_DEATHS:
                found = self._run_alone(step, self._job.alone())
            else:
                found = yield from self._run(step, where)
        except Cancelled:
            raise
        except Died as died:
            return quarantine(str(died))
        except Exception as error:  # a node may come from a plug-in, so any exception counts as a failure of the node
            return describe(error, inputs)
        if meter is None:
            return found, NOTHING
        used = meter.read()
        if SLICED not in found.facts:
            self._job.services.measured(
                spec.type, inputs, found.outputs, peak_bytes=used.peak, device_bytes=used.device
            )
        return found, used

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

    def _run(self, step: NodeStep, where: Where) -> Generator[Event, None, CachedResult]:
        """Run a node; if memory runs out, unload all models and run it again in slices.

        A sliced result may differ in the last bits. The session records it with a fact that marks it as sliced, but it
        is not cached, so that the same line returns the usual image when there is more memory. Nodes that use the
        sliced result are cached as usual, by the content of their inputs.
        """
        _, id_, path, inputs = step
        try:
            return self._invoke(id_, where[2], path, inputs)
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
        # The memory that the error and its frames hold is only released after the except block.
        self._job.services.free()
        yield NodeRetried(*where[:4], time.time(), reason=NO_MEMORY)
        return self._invoke(id_, where[2], path, inputs, low_memory=True)

    def _invoke(
        self, id_: str, kind: str, path: Path, inputs: Mapping[str, Any], *, low_memory: bool = False
    ) -> CachedResult:
        """Create the node and invoke it."""
        context = LocalContext(
            self._session, id_, kind, path, services=self._job.services, emit=self._emit,
            is_cancelled=self._is_cancelled, claim=lambda target: self._record(Claimed(id_, path, target)),
            low_memory=low_memory, catalog=self._job.catalog,
        )  # fmt: skip
        spec = self._session.graph.node_type(id_).spec
        return invoke_node(spec, inputs, context, catalog=self._job.catalog, classes=self._classes)

    def _run_alone(self, step: NodeStep, alone: Alone) -> CachedResult:
        """Run a node in a separate process, because it may have crashed the program twice."""
        _, id_, path, _ = step
        return alone.run(
            self._session.id, id_, path, emit=self._emit, is_cancelled=self._is_cancelled,
            claim=lambda target: self._record(Claimed(id_, path, target)),
        )  # fmt: skip

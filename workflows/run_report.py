"""The report of a run, collected from its events."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from invocations.frozen import mutable

from .problems import Problem, describe_failure, problem

if TYPE_CHECKING:
    from invocations.events import Event, NodeFailed, NodeSkipped


@mutable
class RunReport:
    """A report of a run: which nodes failed, which nodes a failure has blocked, and whether the run was stopped.

    partial: whether a list was made without the failed items
    """

    failures: list[NodeFailed] = field(default_factory=list)
    blocked: list[NodeSkipped] = field(default_factory=list)
    stopped: bool = False
    partial: bool = False

    def count(self, event: Event) -> None:
        """Add an event to the report."""
        from invocations.events import NOT_CHOSEN, NodeFailed, NodeFinished, NodeSkipped, SessionCancelled

        if isinstance(event, NodeFailed):
            self.failures.append(event)
        elif isinstance(event, NodeSkipped) and event.reason != NOT_CHOSEN:
            self.blocked.append(event)
        elif isinstance(event, SessionCancelled):
            self.stopped = True
        elif isinstance(event, NodeFinished) and self.failures:
            self.partial = self.partial or any(map(_lacks_items, event.outputs.values()))

    def problems(self, *, verbose: bool = False) -> list[Problem]:
        """Return a problem for each failure; if there are none, for one node that an earlier failure blocks."""
        found = [describe_failure(event, verbose=verbose) for event in self.failures]
        for event in () if found else self.blocked[:1]:
            message = f"{event.node_type} ({event.node_id}) was not run: {event.reason}"
            hint = "`retry` runs the failed nodes and those that depend on them again"
            found.append(problem("not_run", message, hint, node=event.node_id))
        return [replace(each, partial=True) for each in found] if self.partial else found


def _lacks_items(value: object) -> bool:
    return isinstance(value, (list, tuple)) and None in value

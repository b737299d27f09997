"""The report of a run, collected from its events."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING, Final

from invocations.frozen import mutable

from .problems import Problem, describe_failure, problem

if TYPE_CHECKING:
    from invocations.events import Event, NodeFailed, NodeSkipped
    from invocations.sessions.session import Session

MAX_ALIKE: Final = 3  # maximum number of failures of one node with the same message that are described one by one


@mutable
class RunReport:
    """A report of a run: which nodes failed, which nodes a failure has blocked, and whether the run was stopped.

    finished: the node and the iteration of each result
    partial: whether a list was made without the failed items
    too_many: the number of items of a sweep that was too large to run, or 0
    declined: whether the user was asked about that sweep and declined
    """

    failures: list[NodeFailed] = field(default_factory=list)
    blocked: list[NodeSkipped] = field(default_factory=list)
    finished: set[tuple[str, tuple[int, ...]]] = field(default_factory=set)
    stopped: bool = False
    partial: bool = False
    too_many: int = 0
    declined: bool = False

    def count(self, event: Event) -> None:
        """Add an event to the report."""
        from invocations.events import NOT_CHOSEN, NodeFailed, NodeFinished, NodeSkipped, SessionCancelled

        if isinstance(event, NodeFailed):
            self.failures.append(event)
        elif isinstance(event, NodeSkipped) and event.reason != NOT_CHOSEN:
            self.blocked.append(event)
        elif isinstance(event, SessionCancelled):
            self.stopped, self.too_many = True, event.items
        elif isinstance(event, NodeFinished):
            self.finished.add((event.node_id, event.path))
            lacks_items = bool(self.failures) and any(map(_lacks_items, event.outputs.values()))
            self.partial = self.partial or lacks_items

    def refusal(self, most: int) -> Problem:
        """Return the problem for a sweep that was too large to run. most: how many items are allowed"""
        from invocations.language.source import Span

        from .planning.sweeps.limits import NOT_RUN, too_large

        if self.declined:
            return problem("sweep_too_large", *NOT_RUN, refused=True)
        error = too_large(str(self.too_many), self.too_many, most, Span(0, 0), "use fewer values")
        return problem(error.code, error.message, error.hint, refused=True)

    def problems(self, session: Session | None = None, *, verbose: bool = False, hint: str = "") -> list[Problem]:
        """Return a problem for each failure; if there are none, for one node that an earlier failure blocks.

        session: the session that ran, which knows the failed items of a loop by name
        hint: added to the last failure if items of a loop failed
        """
        if not self.failures and not self.blocked:
            return []
        looped = bool(self.failures) and all(event.path for event in self.failures)
        groups = _alike(self.failures)
        more = hint if looped and "`retry`" not in groups[-1][0].error.hint else ""
        hints = [*[""] * (len(groups) - 1), more]
        found = [
            describe_failure(events[0], verbose=verbose, item=_items(events, session), more=more)
            for events, more in zip(groups, hints, strict=False)
        ]
        for event in () if found else self.blocked[:1]:
            message = f"{event.node_type} ({event.node_id}) was not run: {event.reason}"
            hint = "`retry` runs the failed nodes and those that depend on them again"
            found.append(problem("not_run", message, hint, node=event.node_id))
        partial = self.partial or (looped and session is not None and _others_done(self.failures, session))
        return [replace(each, partial=True) for each in found] if partial else found


def _alike(failures: list[NodeFailed]) -> list[list[NodeFailed]]:
    """Return the failures in order, as groups: many equal failures of one node form one group."""
    groups: dict[object, list[NodeFailed]] = {}
    for event in failures:
        groups.setdefault((event.node_id, event.error.message, event.error.hint), []).append(event)
    return [
        part
        for group in groups.values()
        for part in ([group] if len(group) > MAX_ALIKE else [[event] for event in group])
    ]


def _items(events: list[NodeFailed], session: Session | None) -> str:
    """Return the name of the loop item for which a node failed, and how many others failed in the same way, or ""."""
    if not events[0].path or session is None:
        return ""
    from invocations.running.axis_facts import item_name  # imported on demand: few runs have failures

    name = item_name(session, (events[0].node_id, events[0].path))
    return f"{name} and {len(events) - 1} more items" if events[1:] else name


def _others_done(failures: list[NodeFailed], session: Session) -> bool:
    """Return True if each node that failed has a result for another item."""
    done = {node for node, path in session.results if path}
    return all(event.node_id in done for event in failures)


def _lacks_items(value: object) -> bool:
    return isinstance(value, (list, tuple)) and None in value

"""The progress of a run as one number that only grows: each node counts for 1, in a loop divided among its runs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.events import Event


@dataclass
class NodeShare:
    """The runs of one node: how many there are (0 if unknown), which have ended, and the parts of those in progress."""

    runs: int = 1
    ended: set[tuple[int, ...]] = field(default_factory=set)
    earlier: int = 0
    parts: dict[tuple[int, ...], float] = field(default_factory=dict)

    @property
    def part(self) -> float:
        """The finished part of all runs, from 0 to 1; 0 while their number is unknown."""
        if not self.runs:
            return 0.0
        return min((max(self.earlier, len(self.ended)) + sum(self.parts.values())) / self.runs, 1.0)


class RunProgress:
    """Counts the events of a run; `value` of `total` is finished, and `message` says what is in progress."""

    def __init__(self, nodes: Collection[str]) -> None:
        self.total = max(len(nodes), 1)
        self.value = 0.0
        self.message = ""
        self._shares = {node: NodeShare() for node in nodes}

    def count(self, event: Event) -> bool:
        """Count an event; return True if there is news to report."""
        from invocations import events

        if isinstance(event, events.ModelLoadStarted):
            self.message = f"loading {event.part} of {event.model}"
            return True
        share = self._shares.get(event.node_id)
        if share is None:
            return False
        if isinstance(event, events.NodeStarted):
            share.runs, share.earlier = event.iterations, max(event.ended, share.earlier)
            run = f" {event.iteration} of {event.iterations}" if event.iterations > 1 else ""
            self.message = f"{event.node_type}{run}"
        elif isinstance(event, events.NodeProgress):
            share.parts[event.path] = min(event.step / max(event.of, 1), 1.0)
            run = f" {max(share.earlier, len(share.ended)) + 1} of {share.runs}" if share.runs > 1 else ""
            self.message = f"{event.node_type}{run}: step {event.step} of {event.of}"
        elif isinstance(event, (events.NodeFinished, events.NodeFailed, events.NodeSkipped)):
            share.parts.pop(event.path, None)
            share.ended.add(event.path)
            share.runs = 0 if event.path and share.runs == 1 else share.runs
        else:
            return False
        self.value = max(self.value, round(sum(each.part for each in self._shares.values()), 4))
        return True

"""Which nodes are running, and how far each is, as far as their events tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.events import NodeFailed, NodeFinished, NodeProgress, NodeSkipped, NodeStarted

from .public_event import ENDS, Key

if TYPE_CHECKING:
    from invocations.events import Event


class NodesAtWork:
    """The nodes at work by session; a session is forgotten when its run ends."""

    def __init__(self) -> None:
        self._nodes: dict[str, dict[Key, tuple[int, int] | None]] = {}

    def note(self, session: str, event: Event) -> None:
        """Learn from an event."""
        key = (event.node_id, event.path)
        if isinstance(event, NodeStarted):
            self._nodes.setdefault(session, {})[key] = None
        elif isinstance(event, NodeProgress):
            self._nodes.setdefault(session, {})[key] = (event.step, event.of)
        elif isinstance(event, (NodeFinished, NodeFailed, NodeSkipped)):
            self._nodes.get(session, {}).pop(key, None)
        elif isinstance(event, ENDS):
            self._nodes.pop(session, None)

    def of(self, session: str) -> list[dict[str, Any]]:
        """Return the nodes of a session as JSON data; `step` is None before the first step."""
        found = self._nodes.get(session, {})
        return [
            {"node": node, "path": [*path], "step": step and step[0], "of": step and step[1]}
            for (node, path), step in found.items()
        ]

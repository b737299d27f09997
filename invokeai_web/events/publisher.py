"""The publisher, which gathers the events of runs and passes them to the bus in batches.

A batch is published every 50 ms, or as soon as it has 256 events; of the progress of a node, it contains only the
newest. One event at a time would be many times slower with many clients.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from invocations.events import NodeProgress

from .at_work import NodesAtWork
from .base import EventBus, Preview
from .previews import preview_of
from .public_event import WithoutPaths, progress_of, public_event

if TYPE_CHECKING:
    from invocations.events import Event

LOG: Final = logging.getLogger("invokeai_web")
INTERVAL_S: Final = 0.05
MAX_GATHERED: Final = 256

Change = Mapping[str, Any]  # what has changed in a list that clients show, as JSON data
Announce = Callable[[str, Sequence[Change]], None]


class Gathered:
    """What a session has to publish."""

    def __init__(self) -> None:
        self.events: dict[object, Event] = {}
        self.preview: Preview | None = None

    def add(self, event: Event) -> None:
        """Add an event; the progress of a node replaces its earlier progress."""
        key: object = progress_of(event)
        if key is None:
            key = object()
        else:
            self.events.pop(key, None)
        self.events[key] = event


class Publisher:
    """Gathers events and changes from any thread, and publishes them in a thread of its own.

    without_paths: replaces folders of this machine in messages
    announce: receives the name of a room, such as `queue`, and changes for the clients in it
    """

    def __init__(
        self,
        bus: EventBus,
        *,
        without_paths: WithoutPaths = str,
        announce: Announce | None = None,
        interval_s: float = INTERVAL_S,
    ) -> None:
        self.bus = bus
        self.announce = announce
        self.without_paths = without_paths
        self._interval = interval_s
        self._lock = threading.Lock()
        self._publishing = threading.Lock()  # held while publishing, so that batches stay in order
        self._gathered: dict[str, Gathered] = {}
        self._at_work = NodesAtWork()
        self._changes: dict[str, list[Change]] = {}
        self._something = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="publisher", daemon=True)
        self._thread.start()

    def event(self, session: str, event: Event) -> None:
        """Take an event of a run; if many have gathered, publish them in this thread, which slows the run down."""
        preview = None
        if isinstance(event, NodeProgress) and event.preview is not None and self.bus.wants_previews(session):
            preview = preview_of(event)
        with self._lock:
            self._at_work.note(session, event)
            gathered = self._gathered.setdefault(session, Gathered())
            gathered.add(event)
            gathered.preview = preview or gathered.preview
            is_full = len(gathered.events) >= MAX_GATHERED
        if is_full:
            self._publish(session)
        self._something.set()

    def at_work(self, session: str) -> list[dict[str, Any]]:
        """Return the nodes of a session that are running in this process, and how far each is."""
        with self._lock:
            return self._at_work.of(session)

    def change(self, room: str, change: Change) -> None:
        """Take a change for the clients in a room: `queue`, `gallery`, `models` or `system`."""
        with self._lock:
            self._changes.setdefault(room, []).append(change)
        self._something.set()

    def flush(self, session: str = "") -> None:
        """Publish what has gathered, or only the events of a session."""
        if session:
            self._publish(session)
            return
        with self._lock:
            sessions = [*self._gathered]
        for each in sessions:
            self._publish(each)
        with self._lock:
            changes, self._changes = self._changes, {}
        if self.announce is not None:
            for room, gathered in changes.items():
                self.announce(room, gathered)

    def close(self) -> None:
        """Publish what has gathered and end the thread."""
        self._closing.set()
        self._something.set()
        self._thread.join()
        self.flush()

    def _publish(self, session: str) -> None:
        with self._publishing:
            with self._lock:
                gathered = self._gathered.pop(session, None)
            if gathered is not None:
                events = [public_event(event, self.without_paths) for event in gathered.events.values()]
                self.bus.publish(session, events, gathered.preview)

    def _work(self) -> None:
        while not self._closing.is_set():
            self._something.wait()
            self._closing.wait(self._interval)
            self._something.clear()
            try:
                self.flush()
            except Exception:  # the thread goes on: other events must not wait for what cannot be published
                LOG.exception("events could not be published")

"""What one server process holds: options, settings, catalog, invoker and the workspaces of sessions."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from invocations.catalog.registry import Registry
from invocations.invoker import Invoker
from invocations.queueing.base import QueueItem
from invocations.queueing.coordinator import Coordinator
from invocations.queueing.slot import slots_of
from invocations.served import ServedServices
from invocations.storing.idempotency import FILE, RequestRecords
from workflows.planning.long_lines import LineLimits
from workflows.workspace import Workspace

from .catalog_digest import CatalogDigest
from .events.base import EventBus, Position
from .events.open_bus import open_bus
from .events.publisher import Publisher
from .events.unavailable import BusUnavailable
from .guard.credentials import Credentials
from .guard.rates import WrongTokens
from .line_checkers import LineCheckers
from .options import ServeOptions
from .private_paths import PrivatePaths, private_paths
from .session_workspaces import SessionWorkspaces
from .user_defaults import UserDefaults

LIMITS: Final = LineLimits(stages=500, words=5000)


class Server:
    """One process that serves the API; create it with `Server.open` and `close` it at the end.

    workspace: for settings, catalog and lookups; it never has a session. services: those of all workspaces.
    started: in seconds since 1970.
    """

    def __init__(self, options: ServeOptions, make: Callable[[], Workspace], *, token: str = "") -> None:
        self.options = options
        self.credentials = Credentials(token or secrets.token_urlsafe(32))
        self.wrong_tokens = WrongTokens()
        self.started = time.time()
        self.is_stopping = False
        self.open_feeds = 0  # requests that read events without end
        self.workspace = make()
        self.requests = RequestRecords(Path(self.workspace.settings.folders.data) / FILE)
        self.workspace.limits = LIMITS
        self.invoker: Invoker = self.workspace.invoker
        self.services = self.workspace.lookup
        if isinstance(self.services, ServedServices):
            self.services.attach(self.invoker)
        self.workspace.prepare()
        self.catalog: Registry = self.workspace.catalog
        self.workspaces = SessionWorkspaces(self.workspace.sibling)
        self.defaults = UserDefaults(self.workspace, self.workspaces)
        self.catalog_digest = CatalogDigest(self.catalog)
        self.checkers = LineCheckers(self.workspace, self.workspace_of, shelf=self.names_on_shelf)
        self.without_paths: PrivatePaths = private_paths(self.workspace.settings, self.workspace.folder)
        self.publisher = Publisher(open_bus(options.events), without_paths=self.without_paths)
        self.catalog_digest.on_change = lambda digest: self.publisher.change("system", {"nodes_changed": digest})
        self.coordinator = Coordinator(
            self.invoker,
            slots=slots_of(self.invoker, in_process=options.in_process),
            on_event=self.publisher.event,
            on_item=self._tell,
            previews=self.bus.wants_previews,
        )

    @property
    def bus(self) -> EventBus:
        """What numbers the events of sessions and passes them on."""
        return self.publisher.bus

    def start(self) -> None:
        """Begin to run the items of the queue. Raises: StoreFailed."""
        self.coordinator.start(paused={"paused": True, "running": False}.get(self.options.queue))

    @classmethod
    def open(
        cls, options: ServeOptions | None = None, *, folder: str | os.PathLike[str] = "", token: str = "", **how: Any
    ) -> Server:
        """Return a server with the settings of the user.

        folder: where the settings of a project are looked for (default: the current folder)
        token: what clients must send (default: a new random token)
        how: see `Workspace.open`

        Raises: ConfigError, NameClash.
        """
        from workflows.opening import options_of
        from workflows.services import served_services

        options = options or ServeOptions()
        jobs = "1" if options.in_process else options.workers
        how["settings"] = {"engine": "off", "jobs": jobs, **how.get("settings", {})}
        arguments = options_of(folder, **how)
        if arguments["services"] is None:
            arguments["services"] = served_services(arguments["settings"](), allow_files=options.allow_files)
        server = cls(options, lambda: Workspace(**arguments, saves_images=lambda: False), token=token)
        try:
            server.start()
        except BaseException:
            server.close()
            raise
        return server

    def workspace_of(self, session_id: str) -> AbstractContextManager[Workspace]:
        """Lend a workspace attached to a session, which no other thread uses meanwhile.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        return self.workspaces.of(session_id)

    def names_on_shelf(self) -> tuple[str, ...]:
        """Return the names of the images that lines can load."""
        return tuple(self.invoker.gallery.names())

    def position(self, session_id: str) -> Position:
        """Return the place in the events of a session; the epoch is "" if the bus cannot be reached."""
        self.publisher.flush(session_id)
        try:
            return self.bus.position(session_id)
        except BusUnavailable:
            return Position("", 0)

    def stop(self, seconds: float, at_once: Callable[[], bool] = lambda: False) -> None:
        """Start nothing new, and let running items finish; called before connections are closed.

        seconds: how long they may take. at_once: asked again and again; once it returns True, they end now
        """
        self.is_stopping = True
        self.publisher.change("system", {"shutting_down": True})
        self.publisher.flush()
        self.coordinator.shutdown(seconds, at_once=at_once)

    def close(self) -> None:
        """End the workers, finish pending writes and close files."""
        self.is_stopping = True
        self.coordinator.shutdown(0)
        self.publisher.close()
        self.bus.close()
        self.requests.close()
        self.workspace.close()

    def _tell(self, item: QueueItem) -> None:
        """Tell clients about a change of an item."""
        from .queue_changes import told  # imported on demand: `--help` needs no pydantic

        told(self.publisher, item)

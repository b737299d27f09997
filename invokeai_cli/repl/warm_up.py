"""Load torch and the default model in a background thread while the user types; lines that need them wait.

If lines run in the warm engine, nothing is loaded here; the engine is started instead, if the setting is on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from invocations.errors import InvocationError
from invocations.language.errors import Refusal
from invokeai_cli.directives.table import RESERVED
from workflows.engine import is_usable
from workflows.scripts.statements import as_directive

if TYPE_CHECKING:
    from invocations.context import Services
    from invocations.language.source import Source
    from invokeai_cli.shell import Shell

POLL_INTERVAL_S = 0.05  # interval between checks, short enough that Ctrl-C is handled while waiting


class WarmUp:
    """Loads the default model; `size` is its image size, `device` the device that it is on; "" if unknown."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.size = self.device = ""
        self.wanted = "default"  # name of the model
        self._thread: threading.Thread | None = None
        self._started = False

    @property
    def is_loading(self) -> bool:
        """Whether the model is being loaded."""
        return self._thread is not None

    def start(self, done: Callable[[], None] = lambda: None) -> None:
        """Start loading, once, and call `done` at the end; the services are created in the calling thread."""
        if not self._started:
            self._started = True
            services = self.shell.workspace.invoker.services
            services.models, services.generation  # noqa: B018 - made here, so that no two threads make them
            self.wanted = self.shell.workspace.memory.defaults.get("model", self.wanted)
            self._thread = threading.Thread(target=self._load, args=(services, done), name="background", daemon=True)
            self._thread.start()

    def wait_for(self, source: Source) -> None:
        """If a line needs a model, show a message and wait until it is loaded. Raises: KeyboardInterrupt."""
        if self.is_loading and self._is_needed(source):
            self.shell.screen.live("waiting for torch and the model to load")
            try:
                self.wait()
            finally:
                self.shell.screen.end_live()

    def _is_needed(self, source: Source) -> bool:
        if as_directive(source, RESERVED):
            return False
        try:
            plan = self.shell.workspace.plan(source)
        except Refusal:
            return False
        catalog = self.shell.workspace.catalog
        return any(node.type in catalog and catalog[node.type].model_bound for node in plan.nodes)

    def wait(self) -> None:
        """Wait until the model is loaded; Ctrl-C ends the waiting, but not the loading."""
        while (thread := self._thread) is not None:
            thread.join(POLL_INTERVAL_S)

    def _load(self, services: Services, done: Callable[[], None]) -> None:
        """Load the model; an error is reported by the line that needs it."""
        with suppress(InvocationError, OSError, ImportError):
            model = services.models.find(self.wanted)
            suits = services.models.settings(model)
            self.size = f"{suits.width}x{suits.height}"
            if not is_usable(self.shell.config):
                services.generation.prepare(model)
                self.device = services.generation.device
        self._thread = None
        done()

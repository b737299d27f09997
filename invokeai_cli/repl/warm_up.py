"""torch and the default model, loaded in a thread behind the typing; a line that needs them waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from invocations.errors import InvocationError
from invocations.language.errors import Refusal
from invokeai_cli.directives.reserved import RESERVED
from workflows.scripts.statements import as_directive

if TYPE_CHECKING:
    from invocations.context import Services
    from invocations.language.source import Source
    from invokeai_cli.shell import Shell

PATIENCE = 0.05  # seconds between two looks, so that Ctrl-C is heard


class WarmUp:
    """What is loaded before it is asked for, the size of its pictures and the device that will compute."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.size = self.device = ""
        self.wanted = "default"  # the model
        self._thread: threading.Thread | None = None
        self._begun = False

    @property
    def is_at_work(self) -> bool:
        """Tell whether something is being loaded."""
        return self._thread is not None

    def start(self, done: Callable[[], None] = lambda: None) -> None:
        """Begin to load, once, and tell when it is done; services are made here, so that no two threads make them."""
        if not self._begun:
            self._begun = True
            services = self.shell.workspace.invoker.services
            services.models, services.generation  # noqa: B018 - made in this thread
            self.wanted = self.shell.workspace.memory.defaults.get("model", self.wanted)
            self._thread = threading.Thread(target=self._load, args=(services, done), name="warm up", daemon=True)
            self._thread.start()

    def wait_for(self, source: Source) -> None:
        """Wait until all is loaded, with a message, if a line needs a model. Raises: KeyboardInterrupt."""
        if self.is_at_work and self._is_needed(source):
            self.shell.screen.live("waiting for torch and the model to be loaded")
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
        """Wait until all is loaded; Ctrl-C ends the waiting."""
        while (thread := self._thread) is not None:
            thread.join(PATIENCE)

    def _load(self, services: Services, done: Callable[[], None]) -> None:
        """Load what can be; what cannot is told by the line that needs it."""
        with suppress(InvocationError, OSError, ImportError):
            model = services.models.find(self.wanted)
            suits = services.models.settings(model)
            self.size = f"{suits.width}x{suits.height}"
            services.generation.prepare(model)
            self.device = services.generation.device
        self._thread = None
        done()

"""The catalog, the invoker and the lookup services, created from an application's settings on first use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from .reserved import NO_WORDS, ReservedWords, check_clash
from .services import batching, local_settings
from .settings.table import AUTO, LOCAL

if TYPE_CHECKING:
    from PIL.Image import Image

    from invocations.catalog.registry import Registry
    from invocations.invoker import Invoker
    from invocations.local import LocalServices
    from invocations.services.models.base import ModelService
    from invocations.values import ImageRef

    from .lookup import Lookup
    from .planning.planned_files import PlannedFiles
    from .remote.server_services import ServerServices
    from .settings.resolve import Config


class Backend:
    """The parts of the framework that a workspace uses, configured by the settings.

    settings: returns the settings; called once, when they are first needed
    catalog: the commands by name
    folder: the folder that contains scripts and that printed paths are relative to
    base: the folder that relative names of files in lines are resolved against; if it is set, printed paths are
        absolute (default: the current folder)
    reserved: the names of directives, which are never commands
    warn: called with the text of each warning
    services: used instead of the local services
    invoker: used instead of an invoker of its own; it belongs to another backend, which closes it
    token: returns what the server of the setting `server` asks for; without it, nodes always run on this machine
    """

    def __init__(
        self,
        settings: Callable[[], Config],
        *,
        catalog: Registry,
        folder: str,
        base: str = "",
        reserved: ReservedWords = NO_WORDS,
        warn: Callable[[str], None] = lambda text: None,
        services: LocalServices | None = None,
        invoker: Invoker | None = None,
        token: Callable[[], str] | None = None,
    ) -> None:
        self._shared = invoker
        self._token = token
        self._read_settings = settings
        self._services = services
        self.catalog = catalog
        self.folder = folder
        self.base = base
        self.reserved = reserved
        self.warn = warn
        self._warned: set[str] = set()  # warnings that were already shown
        self.preview_every = 0  # denoising steps between two previews; 0 turns previews off

    @cached_property
    def settings(self) -> Config:
        """The settings, read on first use. Raises: ConfigError."""
        return self._read_settings()

    @cached_property
    def server(self) -> ServerServices | None:
        """The services of the server that runs the nodes, or None if they run on this machine.

        Raises: ConfigError; UsageError, if its address is wrong.
        """
        if self._token is None or self.settings.server == LOCAL:
            return None
        from .remote.opening import services_at  # imported on demand: most lines run on this machine

        settings = local_settings(self.settings, self.settings.folders, base=self.base)
        return services_at(self.settings.server, self._token(), settings, self.catalog, self.warn)

    @cached_property
    def invoker(self) -> Invoker:
        """The invoker, created on first use; folders that are not writable are replaced by temporary ones."""
        if self._shared is not None:
            return self._shared
        from invocations.local import local_invoker

        from .settings.folders import make_usable

        self.check_plugins()
        folders, warnings = make_usable(self.settings.folders)
        self._warn_once(warnings)
        self.warn_of_folders()
        settings = local_settings(self.settings, folders, base=self.base, preview_every=self.preview_every)
        server = self.server
        made = local_invoker(
            settings, registry=self.catalog, services=self._services or server, warn=self.warn,
            workers=server.workers if server is not None else None,
        )  # fmt: skip
        made.batching = batching(self.settings)
        return made

    def prepare(self) -> None:
        """Create the invoker and all services before threads share them. Raises: ConfigError, NameClash."""
        for services in (self.invoker.services, self.lookup):
            prepare: Callable[[], None] | None = getattr(services, "prepare", None)
            if prepare is not None:
                prepare()

    @cached_property
    def lookup(self) -> LocalServices:
        """The services for looking up models, schedulers and file names; nothing is written through them."""
        if self._shared is not None and self._services is None:
            return cast("LocalServices", self._shared.services)
        if self._services is None and self.server is not None:
            self.server.greet()  # a line is planned only if it can run there
        return self._services or self.server or self.services_with()

    @property
    def models(self) -> ModelService:
        """The service that finds models; if lines have run, it also knows what is loaded."""
        return self.invoker.services.models if "invoker" in self.__dict__ else self.lookup.models

    def services_with(self, **changed: Any) -> LocalServices:
        """Return new local services with some of their settings replaced."""
        from invocations.local import LocalServices

        return LocalServices(replace(local_settings(self.settings, self.settings.folders, base=self.base), **changed))

    def check_plugins(self) -> None:
        """Warn about plug-ins and user nodes that cannot be loaded. Raises: NameClash."""
        self.warn_of_plugins()
        check_clash(self.catalog.foreign, self.reserved)

    def warn_of_plugins(self) -> None:
        """Warn once about each plug-in and user node that cannot be loaded."""
        self._warn_once(f"not loaded: {problem}" for problem in self.catalog.problems())

    def warn_of_folders(self) -> None:
        """Warn once about each folder in the settings that does not exist. Raises: ConfigError."""
        settings = self.settings
        if settings.models_dirs or settings.nodes_dirs or settings.wildcards_dirs:
            from .settings.searched import missing_folders  # imported on demand: few users set these

            self._warn_once(missing_folders(settings))

    def _warn_once(self, warnings: Iterable[str]) -> None:
        for warning in [each for each in warnings if each not in self._warned]:
            self._warned.add(warning)
            self.warn(warning)

    def names(self, what: str) -> tuple[str, ...]:
        """Return all names of one kind: `model`, `scheduler` or `upscaler`."""
        from .lookup import names

        return names(self.lookup, what)

    @property
    def check_value(self) -> Lookup:
        """A callable that checks the models, schedulers and files that values refer to."""
        return self.check_with(None)

    def check_with(self, files: PlannedFiles | None) -> Lookup:
        """Return a callable that checks values, given the files that earlier lines of a script will write."""
        from .lookup import Lookup

        return Lookup(lambda: self.lookup, self.catalog, files)

    def is_file(self, path: str) -> bool:
        """Return True if a path in a line names an existing file; relative paths start from the base."""
        if self._services is not None or self._shared is not None:  # they may know names instead of files
            return self.lookup.headers.is_file(path)
        return os.path.isfile(os.path.join(self.base, os.path.expanduser(path)))

    def check_template(self) -> None:
        """Check the configured file name template. Raises: ConfigError."""
        from .lookup import check_template

        check_template(self.lookup, self.catalog, self.settings)

    def check_device(self) -> None:
        """Check the configured device and precision; `auto` can always be used. Raises: ConfigError."""
        if (self.settings.device, self.settings.dtype) != (AUTO, AUTO):
            from .lookup import check_device

            check_device(self.settings)

    def image(self, ref: ImageRef) -> Image:
        """Return the pixels of an image."""
        return self.invoker.services.images.get(ref)

    def path(self, ref: ImageRef) -> str:
        """Return the path of an image, relative to the folder if the image is inside it and there is no base."""
        path = str(self.invoker.services.images.path(ref))
        if self.base:
            return path
        inside = os.path.relpath(path, self.folder)
        return path if inside.startswith(os.pardir) else inside

    @property
    def is_writing(self) -> bool:
        """Whether `close` has to wait until converted copies of models are written."""
        return self._owns_invoker and self.invoker.services.is_writing

    @property
    def _owns_invoker(self) -> bool:
        """Whether there is an invoker that belongs to this backend."""
        return "invoker" in self.__dict__ and self._shared is None

    def close(self, *, at_once: bool = False) -> None:
        """Write pending data and close all files. at_once: stop writing converted copies of models"""
        if self._owns_invoker:
            if at_once and self.is_writing:
                self.invoker.services.stop_writing()
            self.invoker.services.close()
            self.invoker.close()

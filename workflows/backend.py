"""What an application works with, made from its settings when it is first used: catalog, invoker, look-up services."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .reserved import NO_WORDS, ReservedWords, check_clash
from .services import local_settings

if TYPE_CHECKING:
    from PIL.Image import Image

    from invocations.catalog.registry import Registry
    from invocations.invoker import Invoker
    from invocations.local import LocalServices
    from invocations.values import ImageRef

    from .lookup import Lookup
    from .settings.resolve import Config


class Backend:
    """The framework as the settings describe it.

    settings: read when first needed. folder: what shown paths are relative to. reserved: words that are never commands.
    warn: receives what costs no result. services: used instead of this machine's.
    """

    def __init__(
        self,
        settings: Callable[[], Config],
        *,
        catalog: Registry,
        folder: str,
        reserved: ReservedWords = NO_WORDS,
        warn: Callable[[str], None] = lambda text: None,
        services: LocalServices | None = None,
    ) -> None:
        self._read_settings = settings
        self._services = services
        self.catalog = catalog
        self.folder = folder
        self.reserved = reserved
        self.warn = warn
        self.preview_every = 0  # steps between two previews of an image; 0: none

    @cached_property
    def settings(self) -> Config:
        """The settings. Raises: ConfigError."""
        return self._read_settings()

    @cached_property
    def invoker(self) -> Invoker:
        """The framework; folders that cannot be written to are replaced by temporary ones."""
        from invocations.local import local_invoker

        from .settings.folders import make_usable

        self.check_plugins()
        folders, warnings = make_usable(self.settings.folders)
        for warning in warnings:
            self.warn(warning)
        settings = local_settings(self.settings, folders, preview_every=self.preview_every)
        return local_invoker(settings, registry=self.catalog, services=self._services, warn=self.warn)

    @cached_property
    def lookup(self) -> LocalServices:
        """Services that only look up models, schedulers and file names: they write nothing."""
        return self._services or self.services_with()

    def services_with(self, **changed: Any) -> LocalServices:
        """Return services of this machine with some settings replaced."""
        from invocations.local import LocalServices

        return LocalServices(replace(local_settings(self.settings, self.settings.folders), **changed))

    def check_plugins(self) -> None:
        """Warn of plug-ins and own nodes that were left out. Raises: NameClash."""
        for problem in self.catalog.problems():
            self.warn(f"left out: {problem}")
        check_clash(self.catalog, self.reserved)

    def names(self, what: str) -> tuple[str, ...]:
        """Return the names of the models, the schedulers or the upscalers."""
        from .lookup import names

        return names(self.lookup, what)

    @property
    def check_value(self) -> Lookup:
        """The check of what a value names."""
        from .lookup import Lookup

        return Lookup(lambda: self.lookup, self.catalog)

    def check_template(self) -> None:
        """Check the configured file name template. Raises: ConfigError."""
        from .lookup import check_template

        check_template(self.lookup, self.catalog, self.settings)

    def image(self, ref: ImageRef) -> Image:
        """Return the pixels of an image."""
        return self.invoker.services.images.get(ref)

    def path(self, ref: ImageRef) -> str:
        """Return the path of an image, relative to the folder if the image is inside it."""
        path = str(self.invoker.services.images.path(ref))
        inside = os.path.relpath(path, self.folder)
        return path if inside.startswith(os.pardir) else inside

    def close(self) -> None:
        """Write what waits to be written and close all files."""
        if "invoker" in self.__dict__:
            self.invoker.services.close()
            self.invoker.close()

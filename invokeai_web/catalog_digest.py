"""The digest of the catalog: it changes if a node, a recipe or a plug-in is added, removed or changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from threading import Lock
from typing import Final

from invocations.catalog.registry import Registry
from invocations.versions import PROGRAM, versions

_LENGTH: Final = 32


class CatalogDigest:
    """Computes the digest of a catalog when its plug-ins have changed."""

    def __init__(self, catalog: Registry) -> None:
        self.on_change: Callable[[str], object] = str  # called with the new digest when it has changed
        self._catalog = catalog
        self._lock = Lock()
        self._known: tuple[object, str] | None = None

    def __call__(self) -> str:
        """Return the digest of the catalog as it is now; changed files in the user's folders are read again."""
        with self._lock:
            self._catalog.refresh_if_changed()
            plugins = self._catalog.plugins
            before = self._known
            if before is None or before[0] is not plugins:
                self._known = plugins, self._digest()
                if before is not None and before[1] != self._known[1]:
                    self.on_change(self._known[1])
            assert self._known is not None
            return self._known[1]

    def _digest(self) -> str:
        parts = [versions().get(PROGRAM, "")]
        parts += [f"{name}={self._catalog[name]!r}" for name in sorted(self._catalog)]
        parts += map(str, self._catalog.problems())
        return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]

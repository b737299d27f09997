"""The OpenAPI document of a running server, made again when nodes have changed."""

from __future__ import annotations

import json
from threading import Lock

from fastapi import FastAPI

from invocations.catalog.registry import Registry
from invokeai_web.catalog_digest import CatalogDigest

from .document import make_document


class MadeDocuments:
    """Makes the document of an application for the nodes in its catalog, once for each digest."""

    def __init__(self, app: FastAPI, catalog: Registry, digest: CatalogDigest) -> None:
        self._app = app
        self._catalog = catalog
        self._digest = digest
        self._lock = Lock()
        self._made = ("", b"")

    def current(self) -> tuple[str, bytes]:
        """Return the digest of the nodes, and the document as JSON."""
        with self._lock:
            digest = self._digest()
            if self._made[0] != digest:
                data = make_document(self._app, self._catalog.values())
                self._made = digest, json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
            return self._made

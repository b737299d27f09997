"""The OpenAPI document of a running server, made again when nodes have changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from threading import Lock
from typing import Any

from fastapi import FastAPI

from invocations.catalog.registry import Registry
from invocations.spec import InvocationSpec

from .document import make_document


class NodesDigest:
    """The digest of the metadata of all nodes; plug-ins and the user's nodes are read again if their files change."""

    def __init__(self, catalog: Registry) -> None:
        self._catalog = catalog
        self._lock = Lock()
        self._plugins: Any = None
        self._digest = ""

    def __call__(self) -> str:
        """Return the digest as 32 hexadecimal digits."""
        with self._lock:
            self._catalog.refresh_if_changed()
            plugins = self._catalog.plugins
            if self._plugins is not plugins:
                self._plugins, self._digest = plugins, digest_of(self._catalog.values())
            return self._digest


def digest_of(specs: Iterable[InvocationSpec]) -> str:
    """Return the digest of the metadata of nodes."""
    found = hashlib.sha256()
    for spec in sorted(specs, key=lambda spec: spec.type):
        found.update(repr(spec).encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:32]


class MadeDocuments:
    """Makes the document of an application for the nodes in its catalog, once for each digest."""

    def __init__(self, app: FastAPI, catalog: Registry, digest: NodesDigest) -> None:
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

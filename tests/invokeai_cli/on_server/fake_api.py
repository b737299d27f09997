"""A server for tests of the client: the routes that it uses, over an invoker of its own, without FastAPI."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from PIL import Image

from invocations.catalog.registry import Registry, open_registry
from invocations.errors import InvocationError
from invocations.graph.exact_integers import read_inputs
from invocations.graph.node import Edge, Node
from invocations.invoker import Invoker
from invocations.local import LocalServices, LocalSettings, local_invoker
from invocations.services.images.store import content_name
from invocations.sessions.journal import Extension
from invocations.values import ImageRef, mapping_from_json
from invokeai_web.events.public_event import public_event

TOKEN = "the-token"


class FakeApi:
    """What the server holds. cuts: after how many lines each of the next connections of the feed is cut off."""

    def __init__(self, home: Path, models_dirs: tuple[Path, ...] = (), catalog: Registry | None = None) -> None:
        settings = LocalSettings(home / "data", home / "cache", home / "out", models_dirs=models_dirs, device="cpu")
        self.catalog = catalog or open_registry()
        self.services = LocalServices(settings)
        self.invoker: Invoker = local_invoker(settings, registry=self.catalog, services=self.services)
        self.lines: dict[str, list[str]] = {}
        self.changed = threading.Condition()
        self.cuts: list[int] = []
        self.asked: list[str] = []  # the method and path of each request
        self.runs: dict[str, Any] = {}
        self.threads: dict[str, threading.Thread] = {}

    def run(self, session: str, nodes: list[str]) -> None:
        """Run nodes in a thread and publish their events."""
        before = self.threads.get(session)

        def work() -> None:
            if before is not None:
                before.join()
            run = self.runs[session] = self.invoker.run(session, only=nodes)
            for event in run:
                with self.changed:
                    number = len(self.lines[session]) + 1
                    data = json.loads(public_event(event).text)
                    self.lines[session].append(json.dumps({**data, "number": number, "epoch": "e"}))
                    self.changed.notify_all()

        self.threads[session] = threading.Thread(target=work, daemon=True)
        self.threads[session].start()

    def add(self, session: str, data: dict[str, Any]) -> None:
        """Add a node with its links. Raises: GraphError."""
        given = data["node"]
        inputs = mapping_from_json(read_inputs(given["type"], given["inputs"], self.catalog))
        edges = [Edge(each["source"], each["output"], given["id"], each["input"]) for each in data["links"]]
        self.invoker.extend(session, Extension((Node(given["id"], given["type"], inputs),), tuple(edges)))

    def upload(self, data: bytes) -> str:
        """Store an image and return its id."""
        return self.services.images.put(Image.open(io.BytesIO(data))).name

    def model(self, name: str) -> dict[str, Any]:
        """Describe a model without its path. Raises: ServiceError."""
        settings = self.services.models.settings_of(name)
        data = {field: getattr(settings, field) for field in settings.__dataclass_fields__}
        ref = self.services.models.find(name)
        return {"name": ref.model, "fingerprint": ref.name, "defaults": data, "words": {}}


class Handler(BaseHTTPRequestHandler):
    """Answers requests as the table of routes says."""

    protocol_version = "HTTP/1.1"
    api: FakeApi

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        """Log nothing."""

    def handle_request(self) -> None:
        """Answer a request if it has the token."""
        method = self.command
        parts = urlsplit(self.path)
        path, query = unquote(parts.path).removeprefix("/api/v1"), parse_qs(parts.query)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.api.asked.append(f"{method} {path}")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._json(401, {"code": "unauthorized", "detail": "the request has no valid token"})
            return
        try:
            self._route(method, path, query, body)
        except InvocationError as error:
            code = getattr(error, "code", "")
            self._json(404 if "missing" in code else 422, {"code": code, "detail": error.message, "hint": error.hint})

    def _route(self, method: str, path: str, query: dict[str, list[str]], body: bytes) -> None:
        api = self.api
        found = re.fullmatch(r"/sessions/([^/]+)(?:/(\w+))?", path)
        if path == "/about":
            self._json(200, {"name": "invokeai-cli", "version": "1", "versions": {"torch": "9"}, "device": "cpu"})
        elif path == "/nodes":
            rows = [{"type": each.type, "version": each.version} for each in api.catalog.values()]
            self._json(200, {"nodes": rows})
        elif path == "/models":
            self._json(200, {"models": [{"name": "default", "family": "sd1", "state": "ready", "kind": "model"}]})
        elif path.startswith("/models/"):
            self._json(200, api.model(path.removeprefix("/models/")))
        elif path.startswith("/images"):
            self._image(method, path.removeprefix("/images").lstrip("/"), body)
        elif path == "/sessions":
            session = api.invoker.create().id
            api.lines[session] = []
            self._json(201, {"id": session})
        elif found and found[2] == "events":
            self._events(found[1], int(query.get("after", ["0"])[0]))
        elif found and found[2] == "nodes":
            api.add(found[1], json.loads(body))
            self._json(201, {})
        elif found and found[2] == "invocations":
            if method == "DELETE":
                api.runs[found[1]].cancel()
            else:
                api.run(found[1], json.loads(body)["what"])
            self._json(202, {})
        elif found and method == "DELETE":
            api.invoker.delete(found[1])
            self._bytes(204, b"", "")
        else:
            self._json(404, {"code": "not_found", "detail": f"there is no {path}"})

    def _image(self, method: str, name: str, body: bytes) -> None:
        if method == "POST":
            self._json(201, {"id": self.api.upload(body)})
            return
        self.api.services.flush()
        path = self.api.services.images.path(ImageRef(name))
        assert content_name(self.api.services.images.get(ImageRef(name))) == name
        self._bytes(200, path.read_bytes(), "image/png")

    def _events(self, session: str, after: int) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Connection", "close")
        self.end_headers()
        left = self.api.cuts.pop(0) if self.api.cuts else -1
        self.close_connection = True
        while session in self.api.lines:
            with self.api.changed:
                self.api.changed.wait(0 if len(self.api.lines.get(session, ())) > after else 0.1)
                lines = self.api.lines.get(session, [])[after:]
            if after > len(self.api.lines.get(session, ())):  # the server was restarted
                after = 0
                lines = [json.dumps({"reset": True, "epoch": "new", "last": 0})]
            for line in lines:
                if left == 0:
                    return
                self.wfile.write(line.encode() + b"\n")
                self.wfile.flush()
                left, after = left - 1, after + ("reset" not in line)

    def _json(self, status: int, data: Any) -> None:
        self._bytes(status, json.dumps(data).encode(), "application/json")

    def _bytes(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@contextmanager
def serving(api: FakeApi) -> Iterator[str]:
    """Yield the address of a server."""
    methods = {f"do_{name}": Handler.handle_request for name in ("GET", "HEAD", "POST", "DELETE")}
    handler = type("Handler", (Handler,), {"api": api, **methods})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        api.lines.clear()
        server.shutdown()
        server.server_close()
        api.invoker.close()

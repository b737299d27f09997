"""Requests to a server: its refusals keep their code and hint, and a connection that it has closed is opened again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from invocations.services.errors import ServiceError
from workflows.remote.address import read_address
from workflows.remote.connection import ServerConnection
from workflows.remote.feed import EventFeed

LONG_S = 30.0


class Answers(BaseHTTPRequestHandler):
    """Answers each request with the next of the prepared answers."""

    protocol_version = "HTTP/1.1"
    prepared: ClassVar[list[tuple[int, bytes, bool]]]  # status, body, whether the connection is closed unannounced
    heard: ClassVar[list[tuple[str, str, dict[str, str], bytes]]]

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
        """Log nothing."""

    def answer(self) -> None:
        """Note the request, and answer it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.heard.append((self.command, self.path, dict(self.headers), body))
        status, data, closes = self.prepared.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = closes


@pytest.fixture
def server() -> Iterator[type[Answers]]:
    """Yield a handler whose answers a test prepares, and which a server uses."""
    methods = {f"do_{name}": Answers.answer for name in ("GET", "POST")}
    handler = type("Prepared", (Answers,), {"prepared": [], "heard": [], "address": "", **methods})
    made = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.address = f"127.0.0.1:{made.server_port}"
    threading.Thread(target=made.serve_forever, args=(0.05,), daemon=True).start()
    yield handler
    made.shutdown()
    made.server_close()


@pytest.fixture
def connection(server: Any) -> Iterator[ServerConnection]:
    """Yield a connection with a token."""
    made = ServerConnection(read_address(server.address), "secret")
    yield made
    made.close()


def test_a_request_carries_the_token_and_json(server: Any, connection: ServerConnection) -> None:
    server.prepared.append((200, b'{"a": 1}', False))
    assert connection.json("POST", "/sessions", {"title": "x"}) == {"a": 1}
    ((method, path, headers, body),) = server.heard
    assert (method, path, json.loads(body)) == ("POST", "/api/v1/sessions", {"title": "x"})
    assert headers["Authorization"] == "Bearer secret"
    assert headers["Content-Type"] == "application/json"


def test_a_request_that_is_sent_again_has_the_same_key(server: Any, connection: ServerConnection) -> None:
    server.prepared += [(200, b"{}", True), (200, b'{"b": 2}', False)]
    connection.json("GET", "/about")
    assert connection.json("POST", "/sessions", {}) == {"b": 2}
    assert len(server.heard[-1][2]["Idempotency-Key"]) == 32


def test_a_request_that_came_too_soon_is_sent_again_later(server: Any) -> None:
    waits: list[float] = []
    made = ServerConnection(read_address(server.address), wait=waits.append)
    server.prepared += [(429, b"{}", False), (429, b"{}", False), (200, b'{"a": 1}', False)]
    assert made.json("POST", "/sessions", {}) == {"a": 1}
    assert waits == [0.2, 0.2]
    assert len({headers["Idempotency-Key"] for _, _, headers, _ in server.heard}) == 1
    server.prepared += [(429, b'{"detail": "too many", "code": "too_many_requests"}', False)] * 200
    with pytest.raises(ServiceError, match="too many"):
        made.json("GET", "/about")
    assert 29 < sum(waits) < 31
    made.close()


def test_a_refusal_keeps_its_code_message_and_hint(server: Any, connection: ServerConnection) -> None:
    body = {"detail": "there is no model `x`", "code": "model_missing", "hint": "known models: `default`"}
    server.prepared.append((404, json.dumps(body).encode(), False))
    with pytest.raises(ServiceError) as caught:
        connection.json("GET", "/models/x")
    assert (caught.value.message, caught.value.code) == ("there is no model `x`", "model_missing")
    assert (caught.value.hint, caught.value.fields) == ("known models: `default`", {"status": 404})


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, b"oops", "the server at {} answered with status 500"),
        (502, b"[]", "the server at {} answered with status 502"),
        (200, b"<html>", "the answer of the server at {} is not JSON"),
        (200, b"[" * 100_000, "the answer of the server at {} is not JSON"),
    ],
)
def test_what_is_no_answer_of_this_program_is_reported(
    status: int, body: bytes, message: str, server: Any, connection: ServerConnection
) -> None:
    server.prepared.append((status, body, False))
    with pytest.raises(ServiceError) as caught:
        connection.json("GET", "/about")
    assert caught.value.message == message.format(server.address)


def test_an_answer_that_is_too_large_is_not_read(server: Any, connection: ServerConnection) -> None:
    server.prepared.append((200, b"x" * 11, False))
    with pytest.raises(ServiceError, match="is too large"):
        connection.send("GET", "/images/a", most=10)


def test_a_server_that_does_not_answer_in_time_is_reported() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        made = ServerConnection(read_address(f"127.0.0.1:{port}"), timeout_s=0.05)
        with pytest.raises(ServiceError) as caught:
            made.json("GET", "/about")
    assert caught.value.message == f"the server at 127.0.0.1:{port} cannot be reached: timed out"
    assert caught.value.hint == "on that machine, `invokeai serve` starts it"


def test_a_feed_continues_after_the_last_event_that_it_has_read(server: Any, connection: ServerConnection) -> None:
    lines = [json.dumps({"event": "e", "number": n, "epoch": "x"}).encode() + b"\n" for n in (1, 2, 3)]
    server.prepared += [(200, lines[0], True), (200, b"", True), (200, lines[0] + lines[1] + lines[2], True)]
    server.prepared.append((404, b'{"detail": "there is no session", "code": "session_missing"}', True))
    found: list[int] = []
    ended = threading.Event()
    feed = EventFeed(connection, "s", lambda data: found.append(data["number"]), lambda error: ended.set())
    assert ended.wait(LONG_S)
    feed.close()
    assert found == [1, 2, 3]
    assert [path.partition("?")[2] for _, path, _, _ in server.heard] == [
        "after=0", "after=1&epoch=x", "after=1&epoch=x", "after=3&epoch=x"
    ]  # fmt: skip


def test_after_a_reset_a_feed_continues_with_the_new_numbers(server: Any, connection: ServerConnection) -> None:
    reset = json.dumps({"reset": True, "epoch": "new", "last": 4}).encode() + b"\n"
    more = json.dumps({"event": "e", "number": 5, "epoch": "new"}).encode() + b"\n"
    server.prepared += [(200, reset + more, True), (403, b"{}", True)]
    found: list[Any] = []
    ended = threading.Event()
    feed = EventFeed(connection, "s", found.append, lambda error: ended.set())
    assert ended.wait(LONG_S)
    feed.close()
    assert [each.get("reset", each.get("number")) for each in found] == [True, 5]
    assert server.heard[-1][1].endswith("after=5&epoch=new")

"""Requests to a server over HTTP, with its token; refusals become errors with the same code, message and hint."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from invocations.foreign import ForeignData, json_data
from invocations.frozen import frozen
from invocations.services.errors import ServiceError

from .address import Address

BASE: Final = "/api/v1"
CONNECT_S: Final = 20.0  # how long a server may take to answer a request
MAX_JSON_BYTES: Final = 64 * 2**20
MAX_IMAGE_BYTES: Final = 512 * 2**20
TOO_MANY: Final = 429  # the status of an answer to a request that came too soon
SOON_S: Final = 0.2
MAX_WAIT_S: Final = 30.0
UNREACHABLE: Final = "server_unreachable"
UNAUTHORIZED: Final = "unauthorized"
JSON: Final = "application/json"
TOKEN_HINT: Final = "set INVOKEAI_TOKEN to the token that `invokeai serve` printed there"
START_HINT: Final = "on that machine, `invokeai serve` starts it"


@frozen
class ServerResponse:
    """What a server has answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class EventStream:
    """An answer that is read line by line as it arrives."""

    def __init__(
        self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, link: socket.socket
    ) -> None:
        self._connection, self._answer, self._link = connection, answer, link

    def readline(self, most: int) -> bytes:
        """Return the next line, b"" at the end. Raises: OSError, ValueError, HTTPException."""
        return self._answer.readline(most)

    def interrupt(self) -> None:
        """End the answer for the thread that reads it; another thread may call this."""
        with suppress(OSError):
            self._link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()
        self._connection.close()


class ServerConnection:
    """A connection to a server, which several threads may use.

    keeps_open: whether it stays open between two requests; if the server closes it, it is opened again. wait: waits
    for some seconds before a request that came too soon is sent again
    """

    def __init__(
        self,
        address: Address,
        token: str = "",
        *,
        keeps_open: bool = True,
        timeout_s: float = CONNECT_S,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._wait = wait
        self.address = address
        self._token = token
        self._keeps_open = keeps_open
        self._timeout_s = timeout_s
        self._open: http.client.HTTPConnection | None = None
        self._lock = Lock()

    def json(self, method: str, path: str, data: Any = None) -> Any:
        """Send a request with JSON data and return the JSON data of the answer, None if it has none.

        Raises: ServiceError, if the server refuses or cannot be reached.
        """
        body = None if data is None else json.dumps(data).encode()
        answer = self.send(method, path, body, JSON)
        return _data(answer.body, self.address) if answer.body else None

    def send(
        self, method: str, path: str, body: bytes | None = None, content_type: str = "", *, most: int = MAX_JSON_BYTES
    ) -> ServerResponse:
        """Send a request and return the answer, which has at most `most` bytes. Raises: ServiceError."""
        headers = self.headers({"Content-Type": content_type} if body is not None else {})
        if method == "POST":
            headers["Idempotency-Key"] = uuid4().hex  # so that a request that is sent again has no effect
        answer = self._answer(method, path, body, headers, most)
        waited = 0.0
        while answer.status == TOO_MANY and waited < MAX_WAIT_S:
            seconds = _retry_after(answer)
            self._wait(seconds)
            waited += seconds
            answer = self._answer(method, path, body, headers, most)
        if answer.status >= 400:
            raise self.refusal(answer)
        return answer

    def _answer(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], most: int
    ) -> ServerResponse:
        with self._lock:
            answer = self._sent(method, path, body, headers, most)
            if not self._keeps_open:
                self._close()
        return answer

    def stream(self, path: str, accept: str) -> EventStream:
        """Return the answer to a request of its own connection, to be read as it arrives. Raises: ServiceError."""
        connection = self._connect()
        try:
            connection.request("GET", BASE + path, headers=self.headers({"Accept": accept}))
            link = connection.sock
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise self.unreachable(error) from error
        found = EventStream(connection, answer, link)
        if answer.status != 200:
            body = answer.read(MAX_JSON_BYTES)
            found.close()
            raise self.refusal(ServerResponse(answer.status, dict(answer.headers), body))
        return found

    def headers(self, more: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a request."""
        token = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return {"Accept": f"{JSON}, */*", **token, **more}

    def kept_open(self) -> ServerConnection:
        """Return another connection to the same server that stays open between two requests."""
        return ServerConnection(self.address, self._token, timeout_s=self._timeout_s)

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._close()

    def refusal(self, answer: ServerResponse) -> ServiceError:
        """Return the error for an answer that is a refusal."""
        found: Any = {}
        with suppress(ForeignData):
            found = json_data(answer.body)
        found = found if isinstance(found, dict) else {}
        message = str(found.get("detail") or f"the server at {self.address.text} answered with status {answer.status}")
        code = str(found.get("code") or "server_refused")
        hint = TOKEN_HINT if answer.status == 401 else str(found.get("hint") or "")
        return ServiceError(message, hint, code=code, status=answer.status)

    def unreachable(self, error: Exception) -> ServiceError:
        """Return the error for a server that does not answer."""
        why = (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
        message = f"the server at {self.address.text} cannot be reached: {why}"
        return ServiceError(message, START_HINT, code=UNREACHABLE)

    def _sent(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str], most: int
    ) -> ServerResponse:
        """Send a request, again if the server has closed the connection meanwhile. Raises: ServiceError."""
        is_new = self._open is None
        try:
            self._open = self._open or self._connect()
            self._open.request(method, BASE + path, body, dict(headers))
            answer = self._open.getresponse()
            found = answer.read(most + 1)
        except (OSError, http.client.HTTPException) as error:
            self._close()
            if is_new or isinstance(error, TimeoutError):
                raise self.unreachable(error) from error
            return self._sent(method, path, body, headers, most)
        if len(found) > most:
            self._close()
            raise ServiceError(f"the answer of the server at {self.address.text} is too large", code="server_refused")
        return ServerResponse(answer.status, {name.lower(): text for name, text in answer.headers.items()}, found)

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self.address.host, self.address.port
        if self.address.scheme == "https":
            return http.client.HTTPSConnection(
                host, port, timeout=self._timeout_s, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(host, port, timeout=self._timeout_s)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _retry_after(answer: ServerResponse) -> float:
    """Return after how many seconds a request that came too soon may be sent again."""
    try:
        return min(max(float(answer.headers.get("retry-after", SOON_S)), SOON_S), MAX_WAIT_S)
    except ValueError:
        return SOON_S


def escaped(name: str) -> str:
    """Return a name as one part of a path."""
    return quote(name, safe="")


def _data(body: bytes, address: Address) -> Any:
    try:
        return json_data(body)
    except ForeignData as error:
        message = f"the answer of the server at {address.text} is not JSON"
        raise ServiceError(message, "is this an `invokeai serve`?", code="server_refused") from error

"""The guard: an ASGI application around the others, which refuses requests before anything is routed or read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from invokeai_web.problem_details import ApiProblem
from invokeai_web.refusals import refuse

from .answer_headers import with_headers
from .bodies import check_body, limited
from .credentials import Credentials, sent_cookie, sent_token
from .hosts import Hosts
from .rates import RequestRate, WrongTokens

OPEN: Final = frozenset({"/api/v1/health", "/api/v1/auth/cookie"})
PAGES: Final = re.compile(r"/(docs|problems/[a-z0-9_]{1,60}|pages/[a-z0-9._-]{1,60}|favicon\.ico)?")
SIGNED: Final = re.compile(r"/api/v1/images/[0-9a-f]{64}")
CHEAP: Final = re.compile(r"/api/v1/images/[^/]+(/thumbnail)?|/socket\.io/.*|/pages/.*")
CHEAP_COST: Final = 0.05  # a gallery asks for hundreds of small images at once
BASIC: Final = ("/sdapi/", "/v1/")  # APIs whose clients send the token as the password of Basic
TOKEN_HINT: Final = "send the header `Authorization: Bearer TOKEN`; the server printed the token when it started"


class Guard:
    """Refuses what does not come from this server's own pages or lacks the token; limits rates and bodies.

    app: the application behind it. In the scope of a request that it accepts, `state["invokeai_by"]` is how the client
    has identified itself: `token`, `cookie`, `signature`, or "" at an open address.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        credentials: Credentials,
        hosts: Hosts,
        rate: RequestRate | None = None,
        wrong_tokens: WrongTokens | None = None,
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._hosts = hosts
        self._rate = rate or RequestRate()
        self.wrong_tokens = wrong_tokens or WrongTokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the application answer it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        is_http = scope["type"] == "http"
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await outer(message)

        outer = with_headers(send) if is_http else send
        try:
            headers = _headers(scope)
            self._check(scope, headers)
            if is_http:
                receive = limited(receive, check_body(scope["path"], headers))
            await self._app(scope, receive, note_start)
        except ApiProblem as problem:
            await refuse(problem, scope, receive, outer)
        except HTTPException as error:  # of a body that is too large or too slow, if the application does not know it
            if started:
                raise
            code = {413: "too_large", 408: "too_slow"}.get(error.status_code, "malformed_request")
            await refuse(ApiProblem(error.status_code, code, str(error.detail)), scope, receive, outer)

    def _check(self, scope: Scope, headers: Mapping[str, str]) -> None:
        """Check everything but the body. Raises: ApiProblem."""
        path, method = scope["path"], scope.get("method", "GET")
        if not path.isprintable():
            raise ApiProblem(400, "malformed_request", "the address contains control characters")
        is_page = method in ("GET", "HEAD") and PAGES.fullmatch(path) is not None
        self._hosts.check(scope, headers, is_navigation=is_page and headers.get("sec-fetch-mode") == "navigate")
        peer = str((scope.get("client") or ("",))[0])
        by = "" if is_page or path in OPEN else self._identify(scope, headers, peer)
        wait = self._rate.wait(f"{by} {peer}", CHEAP_COST if CHEAP.fullmatch(path) else 1)
        if wait:
            raise too_many("there are too many requests", wait)
        scope.setdefault("state", {})["invokeai_by"] = by

    def _identify(self, scope: Scope, headers: Mapping[str, str], peer: str) -> str:
        """Return how a client has identified itself. Raises: ApiProblem."""
        path = scope["path"]
        cookie = sent_cookie(headers, port_of(scope))
        if cookie is not None and self._credentials.is_cookie(cookie):
            return "cookie"
        is_signed = SIGNED.fullmatch(path) is not None and scope.get("method") in ("GET", "HEAD")
        if is_signed and self._credentials.is_signed(path, scope.get("query_string", b"").decode("latin-1")):
            return "signature"
        token = sent_token(headers)
        if token is not None and self._credentials.is_token(token):
            return "token"
        wait = self.wrong_tokens.wait(peer) if token is not None else 0
        if wait:
            raise too_many("there were too many wrong tokens", wait)
        what = "a token is needed" if token is None else "the token is wrong"
        scheme = "Basic" if path.startswith(BASIC) else "Bearer"
        raise ApiProblem(
            401, "unauthorized", what, TOKEN_HINT, headers={"WWW-Authenticate": f'{scheme} realm="invokeai"'}
        )


def too_many(message: str, wait: float) -> ApiProblem:
    """Return the refusal of a client that must wait for some seconds."""
    seconds = math.ceil(wait)
    return ApiProblem(429, "too_many_requests", message, f"wait {seconds} s", headers={"Retry-After": str(seconds)})


def port_of(scope: Mapping[str, object]) -> int:
    """Return the port of this side of a connection, 0 if it is not known."""
    found = scope.get("server")
    return int(found[1] or 0) if isinstance(found, (tuple, list)) and len(found) == 2 else 0


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by name in lower case; one that identifies the request must not be repeated.

    Raises: ApiProblem.
    """
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name in found and name in ("host", "origin", "authorization", "content-length", "content-type"):
            raise ApiProblem(400, "malformed_request", f"the header `{name}` is repeated")
        found[name] = f"{found[name]}; {value}" if name in found and name == "cookie" else value
    return found

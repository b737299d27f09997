"""The token: what proves that a client may use the server, in a header, a cookie or a signed address."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

SIGNED_SECONDS: Final = 3600
COOKIE: Final = "invokeai_token"


class Credentials:
    """Compares what clients send with the token, in constant time."""

    def __init__(self, token: str, now: Callable[[], float] = time.time) -> None:
        self._token = token.encode()
        self._now = now
        self.cookie_value = self._keyed("cookie")

    def is_token(self, word: str) -> bool:
        """Return True if a word is the token."""
        return hmac.compare_digest(word.encode("utf-8", "surrogatepass"), self._token)

    def is_cookie(self, word: str) -> bool:
        """Return True if a word is the value of the cookie."""
        return hmac.compare_digest(word.encode("utf-8", "surrogatepass"), self.cookie_value.encode())

    def sign(self, path: str, seconds: float = SIGNED_SECONDS) -> str:
        """Return a path with a signature, with which it can be read without the token for some time."""
        expires = int(self._now() + seconds)
        return f"{path}?expires={expires}&signature={self._keyed(f'{path} {expires}')}"

    def is_signed(self, path: str, query: str) -> bool:
        """Return True if a path has a valid signature in its query that has not expired."""
        found = parse_qs(query, max_num_fields=20) if query.count("&") < 20 else {}
        expires, signature = (found.get(name, [""])[0] for name in ("expires", "signature"))
        if not (expires.isascii() and expires.isdigit() and len(expires) < 16):
            return False
        right = hmac.compare_digest(signature.encode("utf-8", "replace"), self._keyed(f"{path} {expires}").encode())
        return right and self._now() < int(expires)

    def _keyed(self, text: str) -> str:
        return hmac.new(self._token, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def cookie_name(port: int) -> str:
    """Return the name of the cookie; cookies do not know ports, so the name contains it."""
    return f"{COOKIE}_{port}"


def sent_token(headers: Mapping[str, str]) -> str | None:
    """Return the token in the Authorization header: of Bearer, or the password of Basic; None if there is none."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(rest.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def sent_cookie(headers: Mapping[str, str], port: int) -> str | None:
    """Return the value of the server's cookie, or None."""
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(cookie_name(port))
    except CookieError:
        return None
    return found.value if found is not None else None

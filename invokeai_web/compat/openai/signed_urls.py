"""URLs of images that can be opened without a token for an hour, because clients of this API send none."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from urllib.parse import urlencode

VALID_S: Final = 3600
FILES: Final = "/v1/images/files/"
SUFFIX: Final = ".png"


def signed_path(token: str, image: str, now: float) -> str:
    """Return the path and query of an image; `image` is its id, `now` in seconds since 1970."""
    expires = int(now) + VALID_S
    query = urlencode({"expires": expires, "signature": _signature(token, image, expires)})
    return f"{FILES}{image}{SUFFIX}?{query}"


def is_signed(token: str, image: str, expires: str, signature: str, now: float) -> bool:
    """Whether a signature was made with this token for this image and has not expired."""
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12) or int(expires) < now:
        return False
    return hmac.compare_digest(_signature(token, image, int(expires)).encode(), signature.encode())


def _signature(token: str, image: str, expires: int) -> str:
    return hmac.new(token.encode(), f"{image}\n{expires}".encode(), hashlib.sha256).hexdigest()

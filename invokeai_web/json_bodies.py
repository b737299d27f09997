"""JSON in requests: it must not be nested deeply, and its strings must be valid Unicode."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

MAX_DEPTH: Final = 100  # of lists and objects in each other
TOO_DEEP: Final = f"lists and objects are nested more than {MAX_DEPTH} times"
HALF_CHARACTER: Final = "a string contains half of a surrogate pair"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class JsonRequest(Request):
    """A request whose JSON is checked before anything uses it."""

    async def json(self) -> Any:
        """Return the JSON data of the body. Raises: JSONDecodeError."""
        return read_json(await self.body())


class JsonRoute(APIRoute):
    """A route whose requests are `JsonRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that answers requests."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(JsonRequest(request.scope, request.receive))

        return handle


def read_json(body: bytes) -> Any:
    """Return JSON data. Raises: JSONDecodeError, UnicodeDecodeError."""
    try:
        data = json.loads(body)
    except RecursionError:
        raise json.JSONDecodeError(TOO_DEEP, "", 0) from None
    if _is_deep(data):
        raise json.JSONDecodeError(TOO_DEEP, "", 0)
    if _SURROGATE.search(body):
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise json.JSONDecodeError(HALF_CHARACTER, "", 0) from None
    return data


def _is_deep(data: Any) -> bool:
    """Whether data is nested more than `MAX_DEPTH` times; level by level, without recursion."""
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        level = [item for each in level for item in _items(each)]
        if not level:
            return False
    return True


def _items(data: Any) -> Any:
    """Return the lists and objects in a list or an object."""
    found = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [item for item in found if isinstance(item, (dict, list))]

"""Pages of lists: an opaque cursor names the last item of a page, so new items never shift the next page."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from .problem_details import ApiProblem

HINT: Final = "send `next` of the previous page as it is"


def write_cursor(*place: Any) -> str:
    """Return the cursor for a place in a list, which consists of numbers and strings."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(cursor: str, *types: type) -> tuple[Any, ...] | None:
    """Return the place that a cursor names, or None for the first page. Raises: ApiProblem, if it is malformed.

    types: the types of what the place consists of
    """
    if not cursor:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(found, list) or len(found) != len(types):
            raise ValueError
        return tuple(_checked(each, kind) for each, kind in zip(found, types, strict=True))
    except (ValueError, RecursionError, OverflowError) as error:
        raise ApiProblem(400, "bad_cursor", "the cursor is malformed", HINT, field="cursor") from error


def with_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add a header that links to the next page, if there is one."""
    if cursor is not None:
        query = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        response.headers["Link"] = f'<{request.url.path}?{urlencode([*query, ("cursor", cursor)])}>; rel="next"'


def page_of(found: Sequence[Any], limit: int) -> tuple[Sequence[Any], Any]:
    """Return a page, and its last item if another page follows, which one item more than the page shows."""
    return found[:limit], found[limit - 1] if len(found) > limit else None


def _checked(value: Any, kind: type) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else kind):
        raise ValueError
    return kind(value)

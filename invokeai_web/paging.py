"""Pages of lists: opaque cursors, and the header Link of the next page."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, Field

from .problem_details import ApiProblem

T = TypeVar("T")
Position = tuple[str | float | int, ...]
CURSOR_HINT: Final = "use `next` of the previous page as it is, or leave it out for the first page"


class Page(BaseModel, Generic[T]):
    """A part of a list, and where the next part begins."""

    items: list[T] = Field(description="items of this page")
    next: str = Field(default="", description="`cursor` of the next page; empty on the last page")


def page_of(
    request: Request, response: Response, found: Sequence[T], limit: int, position: Callable[[T], Position]
) -> tuple[Sequence[T], str]:
    """Return the items of a page and the cursor of the next one, and add the header Link to the response.

    found: the items from the position of the cursor on, one more than `limit` if there is a next page.
    position: returns the place of an item in the list
    """
    if len(found) <= limit:
        return found, ""
    items = found[:limit]
    cursor = write_cursor(position(items[-1]))
    url = request.url.include_query_params(cursor=cursor)
    response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return items, cursor


def write_cursor(position: Position) -> str:
    """Return a position in a list as a cursor."""
    data = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read_cursor(cursor: str, types: Sequence[type | tuple[type, ...]]) -> tuple[Any, ...] | None:
    """Return the position that a cursor stands for, or None for "", the first page.

    types: the types of the parts of a position
    Raises: ApiProblem.
    """
    if not cursor:
        return None
    try:
        data = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        found = json.loads(data)
    except (binascii.Error, ValueError, RecursionError) as error:
        raise _refused() from error
    if not isinstance(found, list) or len(found) != len(types):
        raise _refused()
    if any(isinstance(part, bool) or not isinstance(part, kind) for part, kind in zip(found, types, strict=True)):
        raise _refused()
    if any(isinstance(part, int) and abs(part) >= 2**63 for part in found):
        raise _refused()
    return tuple(found)


def _refused() -> ApiProblem:
    return ApiProblem(400, "bad_cursor", "the cursor is not one of this list", CURSOR_HINT, field="cursor")

"""What routes depend on: the server, and the parameters of pages."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query
from starlette.requests import HTTPConnection

from .server import Server

PAGE: Final = 50
LONGEST_PAGE: Final = 200


def get_server(connection: HTTPConnection) -> Server:
    """Return the server that answers a request."""
    found: Server = connection.app.state.server
    return found


ServerDependency = Annotated[Server, Depends(get_server)]
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="maximum number of items")]
Cursor = Annotated[str, Query(max_length=400, description="`next` of the previous page")]

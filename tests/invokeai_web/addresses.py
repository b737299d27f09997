"""All addresses of an application."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import RouteContext, iter_route_contexts


def all_routes(app: FastAPI) -> Iterator[RouteContext]:
    """Yield all routes, also those in routers that are included."""
    for found in iter_route_contexts(app.routes):
        if found.methods:
            yield found

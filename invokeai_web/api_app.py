"""The ASGI application of a server."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from invocations.versions import PROGRAM, versions

from .api_router import BASE
from .error_handlers import handle_errors
from .routers import ROUTERS
from .server import Server

TITLE: Final = "invokeai-cli"


def create_app(server: Server) -> ASGIApp:
    """Return the application that answers all requests to a server."""
    return create_api(server)


def create_api(server: Server) -> FastAPI:
    """Return the HTTP API alone, without guard and Socket.IO."""
    app = FastAPI(
        title=TITLE,
        version=versions().get(PROGRAM, "0"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.server = server
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    handle_errors(app, server.without_paths)
    return app

"""The ASGI application of a server."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from invocations.versions import PROGRAM, versions

from .api_router import BASE
from .compat import compat_routers
from .error_handlers import handle_errors
from .guard.guard import Guard
from .guard.hosts import Hosts
from .guard.rates import RequestRate
from .head_requests import HeadRequests
from .openapi.made_documents import MadeDocuments
from .repeated_requests import RepeatedRequests
from .routers import ROUTERS
from .server import Server
from .socket_setup import sockets_of
from .static_pages import router as pages

TITLE: Final = "invokeai-cli"


def create_app(server: Server) -> ASGIApp:
    """Return the application that answers all requests to a server."""
    api = HeadRequests(RepeatedRequests(create_api(server), server.requests, server.without_paths))
    return Guard(
        sockets_of(server).app(api),
        credentials=server.credentials,
        hosts=Hosts(server.options.host_names),
        rate=RequestRate(server.options.requests_per_second),
        wrong_tokens=server.wrong_tokens,
    )


def create_api(server: Server) -> FastAPI:
    """Return the HTTP API alone, without guard and Socket.IO."""
    app = routed_app()
    app.state.server = server
    app.state.documents = MadeDocuments(app, server.catalog, server.catalog_digest)
    for router in compat_routers(server):
        app.include_router(router)
    handle_errors(app, server.without_paths)
    return app


def routed_app() -> FastAPI:
    """Return an application with all routes, without a server."""
    app = FastAPI(
        title=TITLE,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        version=version(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    app.include_router(pages)
    return app


def version() -> str:
    """Return the version of the program, without what marks a build."""
    return versions().get(PROGRAM, "0").partition("+")[0]

"""The routers of the API, in the order of the document; a new router file is listed here."""

from __future__ import annotations

from typing import Final

from invokeai_web.api_router import ApiRouter

from . import (
    about,
    auth,
    document,
    line,
    models,
    nodes,
    options,
    settings,
)

ROUTERS: Final[tuple[ApiRouter, ...]] = (
    about.router,
    auth.router,
    options.router,
    settings.router,
    models.router,
    nodes.router,
    line.router,
    document.router,
)

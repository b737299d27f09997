"""The routers of the API, in the order of the document; a new router file is listed here."""

from __future__ import annotations

from typing import Final

from invokeai_web.api_router import ApiRouter

from . import (
    about,
    auth,
    document,
    events_feed,
    image_work,
    images,
    invocations,
    line,
    models,
    nodes,
    options,
    queue,
    replay,
    results,
    session_lines,
    sessions,
    settings,
)

ROUTERS: Final[tuple[ApiRouter, ...]] = (
    about.router,
    auth.router,
    options.router,
    settings.router,
    models.router,
    nodes.router,
    sessions.router,
    session_lines.router,
    invocations.router,
    events_feed.router,
    results.router,
    queue.router,
    line.router,
    images.router,
    image_work.router,
    replay.router,
    document.router,
)

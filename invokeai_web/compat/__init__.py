"""APIs of other servers, for clients that know only these; they are off unless `--compat` names them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import APIRouter

    from invokeai_web.server import Server


def compat_routers(server: Server) -> list[APIRouter]:
    """Return the routes of the APIs that the options of a server name."""
    names = server.options.compat
    if not names:
        return []
    from .generation import Generations

    generations, found = Generations(server), []
    if "openai" in names:
        from .openai.routes import openai_router

        found.append(openai_router(server, generations))
    if "a1111" in names:
        from .automatic1111.routes import sd_router

        found.append(sd_router(server, generations))
    return found

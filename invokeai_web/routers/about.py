"""Routes about the server itself: health, versions and figures."""

from __future__ import annotations

import time

from pydantic import BaseModel, Field

from invocations.versions import PROGRAM, versions
from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import ServerDependency

router = ApiRouter("server")


class Health(BaseModel):
    """Whether the server answers."""

    status: str = Field(description="`ok`")


class About(BaseModel):
    """What runs, and in which versions."""

    name: str = Field(description="name of the program")
    version: str = Field(description="version of the program")
    api: str = Field(description="version of the API")
    versions: dict[str, str] = Field(description="versions of the libraries that affect results")
    device: str = Field(description="device that runs the models, as set: `auto`, `cpu`, `cuda`, `mps`")
    compat: list[str] = Field(description="other APIs that the server offers")
    events: str = Field(description="how events travel between processes: `local` or `redis`")


class Stats(BaseModel):
    """Figures of the running server."""

    started: float = Field(description="when the server started, in seconds since 1970")
    seconds: float = Field(description="for how long it has been running")
    workspaces: int = Field(description="sessions that are held ready for lines")
    nodes: int = Field(description="types of nodes, including recipes and plug-ins")


@router.get("/health")
def health() -> Health:
    """Answer `ok`; the only route that needs no token."""
    return Health(status="ok")


@router.get("/about")
def about(server: ServerDependency) -> About:
    """Return the versions of the program and its libraries, and what the server offers."""
    found = versions()
    events = "redis" if server.options.events != "local" else "local"
    return About(
        name=PROGRAM,
        version=found.get(PROGRAM, ""),
        api="v1",
        versions=dict(found),
        device=server.workspace.settings.device,
        compat=list(server.options.compat),
        events=events,
    )


@router.get("/stats")
def stats(server: ServerDependency) -> Stats:
    """Return figures of the running server."""
    return Stats(
        started=server.started,
        seconds=time.time() - server.started,
        workspaces=len(server.workspaces),
        nodes=len(server.catalog),
    )

"""The route that makes an image again, with other values."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from invocations.storing.gallery.base import UPLOAD, GalleryImage
from invokeai_web.adding import add_line
from invokeai_web.api_router import BASE, ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.image_answers import ImageId
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from invokeai_web.session_answers import AddedLine
from workflows.image_making import making_of
from workflows.importers.safety import goes_online, plugin_types

router = ApiRouter("images", prefix="/images")
MAX_SETS: Final = 100
Name = Annotated[str, StringConstraints(max_length=200)]
Text = Annotated[str, StringConstraints(max_length=10_000)]


class ReplayRequest(BaseModel):
    """How an image is made again."""

    model_config = ConfigDict(extra="forbid")

    set: dict[Name, Text] = Field(
        default={}, max_length=MAX_SETS, description="other values of inputs, as typed", examples=[{"steps": "40"}]
    )
    session: str | None = Field(default=None, max_length=64, description="session to add the line to (default: new)")
    check: bool = Field(default=False, description="only return the line; nothing runs")
    priority: int = Field(default=0, ge=-100, le=100, description="items of higher priority run first")


class ReplayedLine(BaseModel):
    """The line that makes an image again and, unless it was only checked, where it runs."""

    text: str = Field(description="the line")
    session: str | None
    added: AddedLine | None


@router.post(
    "/{id}/replay",
    status_code=202,
    responses={200: {"model": ReplayedLine, "description": "The line was only checked."}},
)
def replay_image(
    id: ImageId,  # noqa: A002 - its name in the path
    body: ReplayRequest,
    server: ServerDependency,
    response: Response,
) -> ReplayedLine:
    """Make an image again from what is recorded about it, with other values; what its line saved is not saved again."""
    image = server.invoker.gallery.get(id)
    sets = {name.replace("-", "_"): text for name, text in body.set.items()}
    line = making_of(server.workspace, image).replayed(server.workspace, sets)
    _check_allowed(server, image, line)
    if body.check:
        response.status_code = 200
        return ReplayedLine(text=server.without_paths(line), session=None, added=None)
    session = body.session or server.invoker.create().id
    try:
        added = add_line(server, session, line, run=True, priority=body.priority)
    except BaseException:
        if body.session is None:
            server.invoker.delete(session)  # nobody knows it yet
        raise
    if added.item is not None:
        response.headers["Location"] = f"{BASE}/queue/{added.item.id}"
    return ReplayedLine(text=added.line.line, session=session, added=added)


def _check_allowed(server: Server, image: GalleryImage, line: str) -> None:
    """Refuse what the line of an image from somebody else may not do. Raises: Refusal, ApiProblem."""
    plan = server.workspace.plan(line)
    if image.session and image.origin != UPLOAD:
        return
    plugins = plugin_types(plan.nodes, server.catalog)
    if plugins or goes_online(plan.nodes):
        what = f"uses the plug-in `{plugins[0]}`" if plugins else "would use the network"
        hint = "read it, and add it to a session yourself"
        raise ApiProblem(403, "not_allowed", f"the recorded line {what}", hint)

"""Routes about what can be done with images: how they were made, replays, comparisons and archives."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from invocations.errors import InvocationError
from invocations.services.images.archive import MAX_IMAGES, archive, archived
from invocations.services.images.comparing import compare, difference
from invocations.storing.gallery.base import GalleryImage
from invokeai_web.api_router import BASE, ApiRouter
from invokeai_web.clean_data import clean_data
from invokeai_web.dependencies import ServerDependency
from invokeai_web.image_answers import Id, ImageId, ImageMakingData
from invokeai_web.image_files import disposition
from invokeai_web.image_makings import making_data
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from workflows.image_differences import differences_of_images
from workflows.image_making import making_of
from workflows.importers.provenance import NoProvenance

router = ApiRouter("images", prefix="/images")
FILE: Final = {"schema": {"type": "string", "format": "binary"}}
ZIP: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/zip": FILE}}}


class ImagePair(BaseModel):
    """Two images."""

    model_config = ConfigDict(extra="forbid")

    a: Id
    b: Id


class DifferentInput(BaseModel):
    """An input that differs between the lines of two images, or a node that only one of them has (`input` is empty)."""

    node: str
    number: int = Field(description="which node of this type, from 1")
    input: str
    a: Any
    b: Any


class ComparedImages(BaseModel):
    """How two images differ."""

    equal: bool
    psnr: float | None = Field(description="peak signal-to-noise ratio in dB; None if it cannot be measured")
    reason: str = Field(description="why they cannot be compared")
    difference: str | None = Field(description="address of an image of the difference, black where they are equal")
    inputs: list[DifferentInput] = Field(description="what differs between the lines that made them")
    lines: list[str] = Field(description="the lines that made them, as typed; empty for an upload")


class SelectedImages(BaseModel):
    """The images of an archive."""

    model_config = ConfigDict(extra="forbid")

    ids: list[Id] = Field(min_length=1, max_length=MAX_IMAGES)


@router.get("/{id}/making", response_model=ImageMakingData)
def get_making(id: ImageId, server: ServerDependency) -> ImageMakingData:  # noqa: A002 - its name in the path
    """Return how an image was made: its line, graph and parameters, also if another tool has made it."""
    image = server.invoker.gallery.get(id)
    try:
        return ImageMakingData(**making_data(making_of(server.workspace, image), server))
    except NoProvenance as error:
        raise ApiProblem(404, error.code, server.without_paths(error.message), error.hint) from error


@router.post("/compare")
def compare_images(body: ImagePair, server: ServerDependency) -> ComparedImages:
    """Compare two images, and the lines that made them."""
    gallery, images = server.invoker.gallery, server.invoker.services.images
    first, second = gallery.get(body.a), gallery.get(body.b)
    found = compare(images, first.ref, second.ref)
    url = None
    if not found.equal and not found.reason:
        url = f"{BASE}/images/{difference(images, first.ref, second.ref).name}"
    return ComparedImages(
        equal=found.equal,
        psnr=found.psnr,
        reason=found.reason,
        difference=url,
        inputs=_inputs(server, first, second),
        lines=[server.without_paths(each.text) for each in (first, second)],
    )


@router.post("/archive", responses=ZIP, response_class=StreamingResponse)
def archive_images(request: Request, body: SelectedImages, server: ServerDependency) -> Response:
    """Return several images as a ZIP file, each with a name made from its name on the shelf or its line."""
    gallery = server.invoker.gallery
    files = archived([gallery.get(each) for each in body.ids], server.invoker.services.images)
    headers = {"content-disposition": disposition("images.zip"), "cache-control": "no-store"}
    return StreamingResponse(archive(files), media_type="application/zip", headers=headers)


def _inputs(server: Server, first: GalleryImage, second: GalleryImage) -> list[DifferentInput]:
    """Return what differs between the lines of two images; nothing for an upload or if a session is gone."""
    if not (first.session and second.session):
        return []
    try:
        sessions = [server.invoker.open(each.session) for each in (first, second)]
    except InvocationError:
        return []
    ends = ((sessions[0], first.node), (sessions[1], second.node))
    if any(node not in session.graph for session, node in ends):
        return []
    with ExitStack() as held:  # they may be running; in one order, so that two comparisons never wait for each other
        for session in sorted(sessions, key=lambda session: session.id):
            held.enter_context(session.lock)
        found = differences_of_images(*ends, server.catalog)
    return [
        DifferentInput(
            node=each.node,
            number=each.number,
            input=each.input,
            a=clean_data(each.first, server.without_paths),
            b=clean_data(each.second, server.without_paths),
        )
        for each in found
    ]

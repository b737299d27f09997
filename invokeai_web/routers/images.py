"""Routes about images: the gallery, the files of images, and images that clients send."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from invocations.errors import InvocationError
from invocations.services.images.uploads import MAX_BYTES
from invocations.storing.gallery.base import UPLOAD, GalleryFilter
from invocations.storing.gallery.names import name_of_file
from invocations.values import ImageRef
from invokeai_web.api_router import BASE, ApiRouter
from invokeai_web.dependencies import PAGE, Cursor, Limit, ServerDependency
from invokeai_web.image_answers import ChangedImage, ImageEntry, ImageId, ImagePage, UploadedImage, entry_data
from invokeai_web.image_files import image_bytes, image_file
from invokeai_web.image_makings import keep, making_data, served
from invokeai_web.paging import page_of, read_cursor
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server
from workflows.image_making import making_of
from workflows.importers.provenance import NoProvenance

router = ApiRouter("images", prefix="/images")
Responses = dict[int | str, dict[str, Any]]
MAX_PARTS: Final = 50
PNG: Final[Responses] = {200: {"content": {"image/png": {}}}, 206: {"content": {"image/png": {}}}, 304: {}}
WEBP: Final[Responses] = {200: {"content": {"image/webp": {}}}, 304: {}}
FILE: Final = {"type": "string", "format": "binary"}
BODY: Final = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"file": FILE}, "required": ["file"]},
        },
        "image/*": {"schema": FILE},
        "application/octet-stream": {"schema": FILE},
    },
}
Word = Annotated[str, Query(max_length=300)]
Words = Annotated[str, Query(max_length=300, description="words that the line, the names and the tags contain")]
Size = Annotated[Literal["128", "320", "640"], Query(description="length of the longer side in pixels")]


@router.get("")
def list_images(
    request: Request,
    response: Response,
    server: ServerDependency,
    limit: Limit = PAGE,
    cursor: Cursor = "",
    words: Words = "",
    session: Word = "",
    model: Word = "",
    kind: Annotated[Literal["", "image", "mask"], Query()] = "",
    origin: Annotated[Literal["", "result", "upload"], Query()] = "",
    starred: bool | None = None,
    tag: Word = "",
    since: Annotated[float, Query(ge=0, description="in seconds since 1970")] = 0.0,
) -> ImagePage:
    """List the images of the gallery, the latest first."""
    position = read_cursor(cursor, ((int, float), str))
    before = (float(position[0]), position[1]) if position is not None else None
    selection = GalleryFilter(
        tuple(words.split()), session, model, kind, origin, starred, tag, since, before, limit + 1
    )
    found = server.invoker.gallery.page(selection)
    items, following = page_of(request, response, found, limit, lambda image: image.position)
    return ImagePage(items=[ImageEntry(**entry_data(each, server)) for each in items], next=following)


@router.post(
    "",
    status_code=201,
    response_model=UploadedImage,
    responses={200: {"model": UploadedImage, "description": "The gallery contains the image already."}},
    openapi_extra={"requestBody": BODY},
)
async def upload_image(
    request: Request,
    server: ServerDependency,
    name: Annotated[str, Query(max_length=200, description="name on the shelf (default: that of the file)")] = "",
    as_: Annotated[Literal["image", "mask"], Query(alias="as", description="what the pixels mean")] = "image",
) -> Response:
    """Send an image, as the part `file` of a form or as the body; lines can load it by its name."""
    data, file_name = await _received(request)
    return await run_in_threadpool(_kept, server, data, file_name, name, as_mask=as_ == "mask")


@router.get("/{id}", responses=PNG, response_class=Response)
def get_image(
    request: Request,
    id: ImageId,  # noqa: A002 - its name in the path
    server: ServerDependency,
    download: Annotated[str | None, Query(max_length=200, description="save it as a file, under this name")] = None,
) -> Response:
    """Return an image as a PNG file, or a part of the file."""
    path = server.invoker.services.images.path(ImageRef(id))
    return image_file(request, path, id, "" if download is None else download or _file_name(server, id))


@router.get("/{id}/thumbnail", responses=WEBP, response_class=Response)
def get_thumbnail(
    request: Request,
    id: ImageId,  # noqa: A002
    server: ServerDependency,
    size: Size = "320",
) -> Response:
    """Return a small version of an image as a WebP file."""
    data = served(server).thumbnails.get(ImageRef(id), int(size))
    return image_bytes(request, data, "image/webp", id, size)


@router.patch("/{id}")
def change_image(id: ImageId, body: ChangedImage, server: ServerDependency) -> ImageEntry:  # noqa: A002
    """Star an image, replace its tags, or name it."""
    gallery = server.invoker.gallery
    image = gallery.get(id)
    if body.name or body.starred:
        keep(server, image)
    found = gallery.change(id, starred=body.starred, tags=body.tags, name=body.name)
    return ImageEntry(**entry_data(found, server))


@router.delete("/{id}", status_code=204)
def delete_image(id: ImageId, server: ServerDependency) -> None:  # noqa: A002
    """Remove an image from the gallery; its content is removed later."""
    server.invoker.gallery.remove(id)


async def _received(request: Request) -> tuple[bytes, str]:
    """Return the bytes of the image in a request, and the name of its file."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await request.body(), ""
    async with request.form(max_files=MAX_PARTS, max_fields=MAX_PARTS, max_part_size=MAX_BYTES + 1) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            message = "the form has no file in its part `file`"
            raise ApiProblem(422, "invalid_request", message, "send the image as the part `file`", field="file")
        return await file.read(), file.filename or ""


def _kept(server: Server, data: bytes, file_name: str, name: str, *, as_mask: bool) -> Response:
    """Store an image that was sent and add it to the gallery."""
    gallery = server.invoker.gallery
    received = served(server).uploads.receive(data, as_mask=as_mask, file_name=file_name)
    known = gallery.find(received.ref.name)
    wanted = name or ("" if known is not None and known.name else name_of_file(file_name))
    image = known if known is not None and not wanted else gallery.add(received.ref, wanted, origin=UPLOAD)
    try:
        making = making_data(making_of(server.workspace, image), server)
    except (NoProvenance, InvocationError):
        making = None
    status, url = (201 if known is None else 200), f"{BASE}/images/{image.id}"
    return JSONResponse({**entry_data(image, server), "making": making}, status, headers={"location": url})


def _file_name(server: Server, image_id: str) -> str:
    """Return the name under which an image is saved."""
    found = server.invoker.gallery.find(image_id)
    return f"{found.name if found is not None and found.name else image_id[:12]}.png"

"""Images in requests: decoded, put on the shelf, and read."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from invokeai_web.problem_details import ApiProblem

if TYPE_CHECKING:
    from invocations.served import ServedServices
    from invokeai_web.server import Server

HINT: Final = "send a PNG, JPEG, WebP, TIFF or BMP file as base64"
ALPHA: Final = "A"
OPAQUE: Final = 255


def decoded(text: str) -> bytes:
    """Return the bytes of an image that is sent as base64, also as a `data:` URL. Raises: ApiProblem."""
    if text.startswith(("http://", "https://")):
        raise ApiProblem(422, "no_address", "the server loads no images from other servers", HINT)
    content = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiProblem(422, "image_unreadable", "the image is not base64", HINT) from error


def upload(server: Server, data: bytes) -> str:
    """Put an image on the shelf and return its id, by which a line can load it. Raises: ServiceError, SaveFailed."""
    ref = _services(server).uploads.receive(data).ref
    return server.invoker.gallery.add(ref).id


def has_transparency(server: Server, image: str) -> bool:
    """Whether an image on the shelf has areas that are not opaque. Raises: ServiceError."""
    found = _services(server).images.get(server.invoker.gallery.get(image).ref)
    return ALPHA in found.getbands() and found.getchannel(ALPHA).getextrema()[0] != OPAQUE


def texts_in(server: Server, data: bytes) -> dict[str, str]:
    """Return the texts in an image file, by key. Raises: ServiceError, SaveFailed."""
    return dict(_services(server).uploads.receive(data).texts)


def _services(server: Server) -> ServedServices:
    from invocations.served import ServedServices

    services = server.services
    if not isinstance(services, ServedServices):
        raise ApiProblem(503, "no_shelf", "this server was started with services that receive no images")
    return services

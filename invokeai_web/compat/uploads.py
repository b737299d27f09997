"""Images in requests: decoded, kept on the shelf, and read."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from invokeai_web.problem_details import ApiProblem

if TYPE_CHECKING:
    from invokeai_web.server import Server

HINT = "send a PNG, JPEG, WebP, TIFF or BMP file"


def decoded(text: str) -> bytes:
    """Return the bytes of an image that is sent as base64, also as a `data:` URL. Raises: ApiProblem."""
    if text.startswith(("http://", "https://")):
        raise ApiProblem(422, "no_address", "the server loads no images from other servers", "send the image as base64")
    head, comma, rest = text.partition(",") if text.startswith("data:") else ("", "", text)
    try:
        return base64.b64decode("".join(rest.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiProblem(422, "image_unreadable", "the image is not base64", HINT) from error


def upload(server: Server, data: bytes) -> str:
    """Store an image on the shelf and return its id, by which a line can load it. Raises: ServiceError."""
    import hashlib
    import os

    p = os.path.join(server.workspace.settings.folders.data, hashlib.sha256(data).hexdigest() + ".png")
    open(p, "wb").write(data)
    return p


def has_transparency(server: Server, image: str) -> bool:
    """Whether an image on the shelf has areas that are not opaque."""
    from PIL import Image

    im = Image.open(image)
    return "A" in im.getbands() and im.getchannel("A").getextrema()[0] < 255


def texts_in(server: Server, data: bytes) -> dict[str, str]:
    """Return the texts in an image file, by key. Raises: ServiceError."""
    import io

    from PIL import Image

    im = Image.open(io.BytesIO(data))
    im.load()
    return {k: v for k, v in im.info.items() if isinstance(v, str)}

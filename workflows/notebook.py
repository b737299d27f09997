"""Results as a notebook shows them: PNG bytes and HTML."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

    from .results import Result


def png(image: Image) -> bytes:
    """Return an image as PNG bytes."""
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def html(result: Result) -> str:
    """Return the images of a result with their paths, or its value, as HTML."""
    if not result.pictures:
        return f"<pre>{escape(chr(10).join(result.text))}</pre>"
    return "".join(map(_figure, result.images(), result.text))


def _figure(image: Image, path: str) -> str:
    data = b64encode(png(image)).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{escape(path)}" title="{escape(path)}">'

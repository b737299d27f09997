"""Display results in a notebook, as PNG or HTML."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image


def png(image: Image) -> bytes:
    """Return an image as PNG bytes."""
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def html(images: Sequence[Image], texts: Sequence[str]) -> str:
    """Return images as HTML with their paths (`texts`) as tooltips; without images, return `texts` as HTML."""
    if not images:
        return f"<pre>{escape(chr(10).join(texts))}</pre>"
    return "".join(map(_figure, images, texts))


def _figure(image: Image, path: str) -> str:
    data = b64encode(png(image)).decode()
    return f'<img src="data:image/png;base64,{data}" alt="{escape(path)}" title="{escape(path)}">'

"""Read text metadata from Exif and XMP, where JPEG and WebP files store what PNG files store in text chunks."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from PIL import ExifTags, Image

from core.foreign import MAX_TEXT_BYTES

from .errors import ImageUnreadable
from .files import BROKEN, READ, silent

PARAMETERS = "parameters"
XMP = "XML:com.adobe.xmp"  # the key under which a PNG stores XMP


def texts_of_file(path: Path) -> dict[str, str]:
    """Return the text metadata in the Exif and XMP of an image file; no pixel is decoded. Raises: ImageUnreadable."""
    return texts_of_image(path)


def texts_of_image(source: Path | BinaryIO) -> dict[str, str]:
    """Return the text metadata in the Exif and XMP of an image; no pixel is decoded. Raises: ImageUnreadable."""
    try:
        with silent(), Image.open(source, formats=READ) as image:
            xmp = image.info.get("xmp", b"")
            found = {XMP: xmp[:MAX_TEXT_BYTES].decode("utf-8", "replace")} if isinstance(xmp, bytes) and xmp else {}
            return found | _texts_in(image.getexif())
    except BROKEN as error:
        name = str(source) if isinstance(source, Path) else "the image"
        raise ImageUnreadable(name, "not an image, or damaged") from error


def texts_in(data: bytes) -> dict[str, str]:
    """Return the text metadata in raw Exif data by key, or an empty dict if the data is damaged."""
    exif = Image.Exif()
    with silent(), suppress(*BROKEN):
        exif.load(data)
        return _texts_in(exif)
    return {}


def _texts_in(exif: Image.Exif) -> dict[str, str]:
    """Return the text metadata in Exif by key.

    The user comment has the key `parameters`. ComfyUI writes `prompt:...` and `workflow:...` into other tags of a WebP
    file. Fooocus writes the user comment outside the Exif directory; old versions of SwarmUI write JSON as the camera
    model.
    """
    texts: dict[str, str] = {}
    for tag in (ExifTags.Base.Make, ExifTags.Base.Model):
        value = _utf8(str(exif.get(tag, "")))
        key, colon, text = value.partition(":")
        if colon and key.lower() in ("prompt", "workflow"):
            texts[key.lower()] = text
        elif value.startswith("{"):
            texts[PARAMETERS] = value[:MAX_TEXT_BYTES]
    parts = (exif.get_ifd(ExifTags.IFD.Exif), exif)
    comment = next((part[ExifTags.Base.UserComment] for part in parts if part.get(ExifTags.Base.UserComment)), None)
    if comment:
        texts[PARAMETERS] = _decoded(comment, exif.endian or "<")[:MAX_TEXT_BYTES]
    return {key: text for key, text in texts.items() if text}


def _decoded(comment: object, endian: str) -> str:
    """Decode a user comment, whose first bytes name its encoding; `endian` is the byte order of the Exif data."""
    if not isinstance(comment, bytes):
        return _utf8(str(comment))
    head, body = comment[:8], comment[8:]
    if head == b"UNICODE\0":
        return _unicode(body, endian).removeprefix("\ufeff").rstrip("\0")
    if head in (b"ASCII\0\0\0", bytes(8)):
        return body.decode("utf-8", "replace").rstrip("\0")
    return comment.decode("utf-8", "replace").rstrip("\0")


def _unicode(body: bytes, endian: str) -> str:
    """Decode a string that should be UTF-16 in the byte order of the Exif data; some tools swap bytes or use UTF-8."""
    high, low = body[::2].count(0), body[1::2].count(0)
    if not high and not low and (any(byte in body for byte in b" \n") or len(body) % 2):
        with suppress(UnicodeDecodeError):
            return body.decode("utf-8")
    little = low > high if high != low else endian == "<"
    little = {b"\xff\xfe": True, b"\xfe\xff": False}.get(body[:2], little)
    return body.decode("utf-16-le" if little else "utf-16-be", "replace")


def _utf8(text: str) -> str:
    """Return an Exif string decoded as UTF-8, which is what tools write, although Pillow decoded it as Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text

"""Read texts from Exif: JPEG and WebP files store in the user comment what PNG files store in text chunks."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from PIL import ExifTags, Image

from .chunks import MAX_TEXT_BYTES
from .errors import ImageUnreadable
from .files import BROKEN, READ, silent

PARAMETERS = "parameters"


def texts_of_file(path: Path) -> dict[str, str]:
    """Return the texts in the Exif of an image file without decoding any pixels. Raises: ImageUnreadable."""
    try:
        with silent(), Image.open(path, formats=READ) as image:
            return _texts_in(image.getexif())
    except BROKEN as error:
        raise ImageUnreadable(str(path), "not an image, or damaged") from error


def texts_in(data: bytes) -> dict[str, str]:
    """Return the texts in raw Exif data by key, or an empty dict if the data is damaged."""
    exif = Image.Exif()
    with silent(), suppress(*BROKEN):
        exif.load(data)
        return _texts_in(exif)
    return {}


def _texts_in(exif: Image.Exif) -> dict[str, str]:
    """Return the texts in Exif by key.

    The user comment has the key `parameters`. ComfyUI writes `prompt:...` and `workflow:...` into other tags of a WebP.
    """
    texts: dict[str, str] = {}
    for tag in (ExifTags.Base.Make, ExifTags.Base.Model):
        key, colon, text = str(exif.get(tag, "")).partition(":")
        if colon and key.lower() in ("prompt", "workflow"):
            texts[key.lower()] = text
    comment = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
    if comment:
        texts[PARAMETERS] = _decoded(comment)[:MAX_TEXT_BYTES]
    return {key: text for key, text in texts.items() if text}


def _decoded(comment: object) -> str:
    """Return a user comment as a string; its first eight bytes name the encoding. Some tools swap the byte order."""
    if not isinstance(comment, bytes):
        return str(comment)
    head, body = comment[:8], comment[8:]
    if head == b"UNICODE\0":
        swapped = body[1::2].count(0) > body[::2].count(0)
        return body.decode("utf-16-le" if swapped else "utf-16-be", "replace").removeprefix("\ufeff")
    if head in (b"ASCII\0\0\0", bytes(8)):
        return body.decode("utf-8", "replace").rstrip("\0")
    return comment.decode("utf-8", "replace").rstrip("\0")

"""Read the text metadata of an image file: PNG text chunks and Exif. A PNG without Exif needs no Pillow."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from .atomic import reason_of
from .chunks import Chunks, read_chunks
from .errors import ImageUnreadable


def read_texts(path: Path) -> dict[str, str]:
    """Return the text metadata of a file by key: PNG text chunks, and the Exif user comment as `parameters`.

    Raises: ImageUnreadable.
    """
    chunks = _chunks_of(path)
    if chunks is not None and not chunks.exif:
        return chunks.texts
    from .exif import texts_in, texts_of_file

    return texts_of_file(path) if chunks is None else texts_in(chunks.exif) | chunks.texts


def texts_in_bytes(data: bytes) -> dict[str, str]:
    """Return the text metadata in the bytes of an image file, as `read_texts` does; {} if they cannot be read."""
    chunks = read_chunks(BytesIO(data))
    if chunks is not None and not chunks.exif:
        return chunks.texts
    from .exif import texts_in, texts_of_image

    try:
        return texts_of_image(BytesIO(data)) if chunks is None else texts_in(chunks.exif) | chunks.texts
    except ImageUnreadable:
        return {}


def _chunks_of(path: Path) -> Chunks | None:
    if path.exists() and not path.is_file():
        raise ImageUnreadable(str(path), "it is not a file")
    try:
        with path.open("rb") as file:
            return read_chunks(file)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it is not a file"
        raise ImageUnreadable(str(path), reason) from error

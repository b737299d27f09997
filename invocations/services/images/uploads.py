"""Images that clients send: decoded within limits, encoded again, and kept in a folder of limited size."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from invocations.errors import Cancelled
from invocations.frozen import frozen
from invocations.services.content_folder import ContentFolder
from invocations.services.errors import ServiceError
from invocations.services.translate_errors import translated
from invocations.shown_numbers import readable_size
from invocations.values import ImageRef, MaskRef

from .store import content_name

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")

FOLDER: Final = "uploads"  # in the data folder
MAX_BYTES: Final = 32 * 2**20  # of the file that is sent
FORMATS: Final = ("PNG", "JPEG", "WEBP", "TIFF", "BMP")
SECONDS: Final = 30.0  # how long decoding and encoding an image may take, including the wait for others
AT_ONCE: Final = 2  # how many images are decoded at the same time, which limits the memory
MAX_TEXTS: Final = 64  # text chunks that are kept
MAX_CHARACTERS: Final = 2 * 2**20  # in all of them
FAST, SMALL, LARGE_PIXELS = 1, 4, 4_000_000  # levels of compression, and the size from which the faster one is used


@frozen
class Upload:
    """An image that was received: its reference, and the text metadata of the file, which may come from anyone."""

    ref: ImageRef
    texts: Mapping[str, str]


class Uploads:
    """Receives images; safe for several threads.

    Only pixels and text chunks of the file are kept: the stored file is always a PNG that this program has encoded.

    folder: where they are stored. max_pixels: the largest image. seconds: how long an image may take
    """

    def __init__(self, folder: ContentFolder, max_pixels: int, *, seconds: float = SECONDS) -> None:
        self.folder, self._max_pixels, self._seconds = folder, max_pixels, seconds
        self._decoding = threading.Semaphore(AT_ONCE)

    def receive(self, data: bytes, *, as_mask: bool = False, file_name: str = "") -> Upload:
        """Decode the bytes of an image file and store the image, upright.

        as_mask: keep only the luminance; transparent areas become black. file_name: what errors call the image
        Raises: ServiceError (`upload_too_large`, `upload_too_slow`, `uploads_busy`, `image_unreadable`,
        `image_too_large`, `out_of_memory`), SaveFailed.
        """
        name = shown_name(file_name)
        if len(data) > MAX_BYTES:
            raise upload_too_large(name, MAX_BYTES)
        return self._in_time(partial(self._received, data, as_mask, name), name)

    def store(self, image: Image, texts: Mapping[str, str]) -> str:
        """Store an image with text chunks; return its name, the SHA-256 of its pixels. Raises: SaveFailed."""
        from core.imaging.files import encode_file

        name = content_name(image)
        if self.folder.find(name) is None:
            level = FAST if image.width * image.height >= LARGE_PIXELS else SMALL
            with translated():
                data = encode_file(image, "png", metadata=texts, compress_level=level)
            self.folder.write(name, data)
        return name

    def path(self, name: str) -> Path | None:
        """Return the path of the file with a stored image, or None if there is none."""
        return self.folder.find(name)

    def _received(self, data: bytes, as_mask: bool, name: str) -> Upload:
        from core.imaging.files import read_image
        from core.imaging.masks import as_mask as mask_of
        from core.imaging.metadata import texts_in_bytes

        with translated():
            image = read_image(data, name=name, max_pixels=self._max_pixels, formats=FORMATS)
            texts = limited_texts(texts_in_bytes(data))
            image = mask_of(image) if as_mask else image
            stored = self.store(image, texts)
        return Upload((MaskRef if as_mask else ImageRef)(stored, image.width, image.height), texts)

    def _in_time(self, work: Callable[[], T], name: str) -> T:
        """Do work in a thread of its own, and stop waiting for it at the deadline. Raises: ServiceError."""
        from core.stopping import in_background

        deadline = time.monotonic() + self._seconds
        if not self._decoding.acquire(timeout=self._seconds):
            raise ServiceError("too many images are being received", "send it again later", code="uploads_busy")

        def do() -> T:
            try:
                return work()
            finally:  # even if nobody waits for the work any more, so that it counts as long as it takes memory
                self._decoding.release()

        try:
            with translated():
                return in_background(do, lambda: time.monotonic() > deadline)
        except Cancelled:
            message = f"`{name}` took longer than {self._seconds:g} s to decode"
            raise ServiceError(message, "send a smaller image", code="upload_too_slow") from None


def limited_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Return text chunks within the limits; those that are too long or cannot be stored are left out."""
    kept: dict[str, str] = {}
    room = MAX_CHARACTERS
    for key, text in texts.items():
        if len(kept) < MAX_TEXTS and len(text) <= room and key.isprintable() and 0 < len(key.encode()) <= len(key) < 80:
            kept[key] = text
            room -= len(text)
    return kept


def shown_name(file_name: str) -> str:
    """Return what errors call an image: the last part of the name of its file, or `the image`."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(each if each.isprintable() and each != "`" else "?" for each in last)[:80] or "the image"


def upload_too_large(name: str, limit: int) -> ServiceError:
    """Return the error for a file with too many bytes. name: see `shown_name`"""
    message = f"`{name}` has more than {readable_size(limit)}"
    return ServiceError(message, "make it smaller, or save it as JPEG or WebP", code="upload_too_large", limit=limit)

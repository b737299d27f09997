"""Thumbnails of stored images, made when they are first asked for and kept in a folder of limited size."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from invocations.errors import BadValue
from invocations.services.content_folder import ContentFolder
from invocations.services.errors import SaveFailed
from invocations.services.translate_errors import translated
from invocations.values import ImageRef

from .base import ImageService

SIZES: Final = (128, 320, 640)  # the lengths of the longer side in pixels
FOLDER: Final = "thumbnails"  # in the cache folder
AT_ONCE: Final = 2  # how many are made at the same time, which limits the memory for large images


class Thumbnails:
    """Makes thumbnails as WebP files and keeps them; safe for several threads.

    root: the folder of the thumbnails. max_bytes: how much room they may take
    """

    def __init__(self, images: ImageService, root: Path, max_bytes: int) -> None:
        self._images = images
        self.folder = ContentFolder(root, ".webp", max_bytes)
        self._making = threading.Semaphore(AT_ONCE)

    def get(self, ref: ImageRef, size: int) -> bytes:
        """Return the WebP file of an image whose longer side has at most `size` pixels.

        size: one of SIZES
        Raises: BadValue; ServiceError, with the code `image_gone` if the image no longer exists.
        """
        if size not in SIZES:
            raise BadValue("size", f"{size} is not a size of thumbnails", f"use {', '.join(map(str, SIZES))}")
        data = self._kept(ref.name, size)
        if data is None:
            with self._making:
                data = self._kept(ref.name, size) or self._made(ref, size)
        return data

    def _kept(self, name: str, size: int) -> bytes | None:
        with suppress(OSError, ValueError):  # without the name of a content, `get` of the service refuses it
            path = self.folder.find(name, str(size))
            return None if path is None else path.read_bytes() or None
        return None

    def _made(self, ref: ImageRef, size: int) -> bytes:
        from core.imaging.thumbnails import encode_thumbnail

        image = self._images.get(ref)
        with translated():
            data = encode_thumbnail(image, size)
        with suppress(SaveFailed):  # the disk may be full; then the thumbnail is made again the next time
            self.folder.write(ref.name, data, str(size))
        return data

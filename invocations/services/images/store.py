"""Store images as PNG files named by content, written by a background thread; the latest ones stay in memory."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from invocations.services.errors import image_gone
from invocations.services.file_integrity import is_whole_png
from invocations.services.folders import make_folder
from invocations.services.lru import LruCache
from invocations.services.translate_errors import translated

from .loaded_files import LoadedFile, LoadedFiles

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from PIL.Image import Image

NAME = re.compile(r"[0-9a-f]{64}")
MAX_PENDING = 8  # number of images that may wait for the writer before `put` blocks, to limit memory
LARGE_PIXELS = 4_000_000  # compressing an image of this size takes longer than most operations on it


class ImageStore:
    """Stores each image as `root/ab/abcd....png`: with compression level 1, or uncompressed if it is large.

    The images that `get` returns are shared: they must not be changed.
    """

    def __init__(self, root: Path, max_pixels: int, cache_bytes: int) -> None:
        self._root, self._max_pixels = root, max_pixels
        self._recent: LruCache[Image] = LruCache(cache_bytes)
        self._pending: dict[str, tuple[Image, Future[None]]] = {}
        self._writer: ThreadPoolExecutor | None = None
        self._lock = Lock()
        self._loaded = LoadedFiles(self.file)

    def get(self, name: str, path: str | None = None) -> Image:
        """Return an image; `path` is a file that may also contain it. Raises: ServiceError."""
        image = self._recent.get(name) or self._pending_image(name) or self._read(self.file(name), name)
        loaded = self._loaded.find(name) if image is None else None
        others = [path, loaded.path if loaded is not None else None] if image is None else []
        for other in filter(None, dict.fromkeys(others)):
            image = image or self._read(Path(other), name)
        if image is None:
            raise image_gone(name, loaded.path if loaded and not loaded.is_unchanged else "")
        self._recent.put(name, image, _bytes_of(image))
        return image

    def put(self, image: Image, loaded: LoadedFile | None = None) -> str:
        """Store an image and return its name; a large image that was `loaded` from a file is not copied.

        Raises: SaveFailed, if an earlier write failed.
        """
        name = content_name(image)
        self._recent.put(name, image, _bytes_of(image))
        if loaded is None or image.width * image.height < LARGE_PIXELS or not self._noted(name, loaded):
            self._submit(name, image)
        return name

    def path(self, name: str, path: str | None = None) -> Path:
        """Return the path of a file that contains an image.

        This is `path` if that file exists and, if the image was loaded from it, has not changed; otherwise the file in
        the store, or the file that the image was loaded from. Raises: ServiceError.
        """
        loaded = self._loaded.find(name)
        stale = loaded is not None and not loaded.is_unchanged
        if path and Path(path).is_file() and not (stale and loaded is not None and loaded.path == path):
            return Path(path)
        file = self.file(name)
        self.wait_for(name)
        if is_whole_png(file):
            return file
        if loaded is not None and not stale:
            return Path(loaded.path)
        raise image_gone(name, loaded.path if loaded is not None else "")

    def file(self, name: str) -> Path:
        """Return the path of an image in the store, whether it exists or not. Raises: ServiceError."""
        if not NAME.fullmatch(name):
            raise image_gone(name)
        return self._root / name[:2] / f"{name}.png"

    def flush(self) -> None:
        """Wait until every image is written. Raises: SaveFailed."""
        with self._lock:
            waiting = list(self._pending)
        for name in waiting:
            self.wait_for(name)

    def close(self) -> None:
        """Write pending images and stop the writer thread."""
        try:
            self.flush()
        finally:
            if self._writer is not None:
                self._writer.shutdown()
                self._writer = None

    def wait_for(self, name: str) -> None:
        """Wait until an image is written. Raises: SaveFailed."""
        with self._lock:
            entry = self._pending.get(name)
        try:
            if entry:
                entry[1].result()
        finally:
            with self._lock:
                if self._pending.get(name) is entry:  # not if another thread has stored the image again meanwhile
                    self._pending.pop(name, None)

    def _noted(self, name: str, loaded: LoadedFile) -> bool:
        """Record the file from which an image was loaded; return False if that fails or the file has changed."""
        from core.imaging.errors import ImagingError

        with suppress(OSError, ImagingError):
            self._loaded.note(name, loaded)
            return loaded.is_unchanged
        return False

    def _read(self, file: Path, name: str) -> Image | None:
        """Read an image if the file exists and its content still matches the name."""
        from core.imaging.errors import ImagingError
        from core.imaging.files import read_image

        with suppress(ImagingError):
            image = read_image(file, max_pixels=max(self._max_pixels, 2**28))
            return image if content_name(image) == name else None
        return None

    def _pending_image(self, name: str) -> Image | None:
        with self._lock:
            entry = self._pending.get(name)
        return entry[0] if entry else None

    def _submit(self, name: str, image: Image) -> None:
        with self._lock:
            written = [pending for pending, (_, future) in self._pending.items() if future.done()]
            oldest = next(iter(self._pending)) if len(self._pending) >= MAX_PENDING else None
        for pending in [*written, *([oldest] if oldest else [])]:
            self.wait_for(pending)
        file = self.file(name)
        with self._lock:
            if name in self._pending or _touch_whole(file):
                return
            self._writer = self._writer or _writer_thread()
            self._pending[name] = (image, self._writer.submit(_write, file, image))


def _write(file: Path, image: Image) -> None:
    from core.imaging.atomic import sweep, write_atomically
    from core.imaging.files import write_image
    from core.imaging.uncompressed_png import write_uncompressed_png

    with translated():
        make_folder(file.parent)
        sweep(file.parent)  # removes what a killed process has left
        if image.width * image.height < LARGE_PIXELS:
            write_image(image, file, format="png", compress_level=1, durable=False)
        else:
            write_atomically(file, lambda stream: write_uncompressed_png(image, stream), durable=False)


def _touch_whole(file: Path) -> bool:
    """Return True if a file is complete; mark it as recently used, so that the cache does not evict it now."""
    with suppress(OSError):  # only the owner of a file may set its time
        os.utime(file)
    return is_whole_png(file)


def _writer_thread() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # imported late because it takes 8 ms

    return ThreadPoolExecutor(1, "image-store")


def content_name(image: Image) -> str:
    """Return the SHA-256 of mode, size and pixels."""
    from core.imaging.bands import bands

    digest = hashlib.sha256(f"{image.mode} {image.width}x{image.height}\n".encode())
    for band in bands(image):
        digest.update(band.tobytes())
    return digest.hexdigest()


def _bytes_of(image: Image) -> int:
    return image.width * image.height * (2 if image.mode == "I;16" else 4 if len(image.getbands()) > 1 else 1)

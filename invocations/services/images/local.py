"""Store images on this machine as PNG files named by content; read and write the user's own image files."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO

from invocations.services.errors import FileExists, SaveFailed, ServiceError, image_gone
from invocations.services.file_integrity import is_whole_png
from invocations.services.folders import make_folder
from invocations.services.lru import LruCache
from invocations.services.translate_errors import translated
from invocations.values import ImageRef, MaskRef

from .base import ImageService, SaveRequest
from .sources import read_source
from .streams import standard_input, standard_output
from .target import Target, Targets

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from PIL.Image import Image

NAME = re.compile(r"[0-9a-f]{64}")
TEMPLATE = "{index:06}-{seed}-{prompt:.40}.png"
MAX_PIXELS = 64_000_000
CACHE_BYTES = 256 * 2**20
MAX_PENDING = 8  # how many images may wait for the writer before `put` blocks, to limit memory


class LocalImages(ImageService):
    """Stores each image as `root/ab/abcd....png`, written by a background thread with compression level 1.

    base: relative names of the user's files are resolved against it (default: the current folder).
    """

    def __init__(
        self,
        root: Path,
        output_dir: Path,
        template: str = TEMPLATE,
        max_pixels: int = MAX_PIXELS,
        *,
        base: Path = Path(),
        cache_bytes: int = CACHE_BYTES,
        stdin: Callable[[], BinaryIO] | None = None,
        stdout: Callable[[], BinaryIO] | None = None,
    ) -> None:
        self._root = root
        self.targets = Targets(output_dir, template, base)
        self._max_pixels, self._base = max_pixels, base
        self._stdin, self._stdout = stdin or standard_input, stdout or standard_output
        self._recent: LruCache[Image] = LruCache(cache_bytes)
        self._pending: dict[str, tuple[Image, Future[None]]] = {}
        self._writer: ThreadPoolExecutor | None = None
        self._lock = Lock()

    def get(self, ref: ImageRef) -> Image:
        """Return a copy of the image, upright, in one of the modes of `ImageService.get`. Raises: ServiceError."""
        file = self.file(ref.name)
        image = self._recent.get(ref.name) or self._pending_image(ref.name) or self._read(file, ref.name)
        if image is None and ref.path:
            image = self._read(Path(ref.path), ref.name)
        if image is None:
            raise image_gone(ref.name)
        self._recent.put(ref.name, image, _bytes_of(image))
        return image.copy()

    def put(self, image: Image) -> ImageRef:
        """Store an image, writing it in the background. Raises: SaveFailed, if an earlier write failed."""
        from core.imaging.modes import normalize

        normal = normalize(image)
        stored = normal.copy() if normal is image else normal
        name = content_name(stored)
        self._recent.put(name, stored, _bytes_of(stored))
        self._submit(name, stored)
        return ImageRef(name, stored.width, stored.height)

    def put_mask(self, image: Image) -> MaskRef:
        """Store an image as a mask (mode L): its luminance, with transparent areas black."""
        from core.imaging.masks import as_mask
        from core.imaging.modes import normalize

        ref = self.put(as_mask(normalize(image)))
        return MaskRef(ref.name, ref.width, ref.height)

    def path(self, ref: ImageRef) -> Path:
        """Return the path of a file with the image: saved, loaded, or in the store. Raises: ServiceError."""
        if ref.path and Path(ref.path).is_file():
            return Path(ref.path)
        file = self.file(ref.name)
        self._wait_for(ref.name)
        if not is_whole_png(file):
            raise image_gone(ref.name)
        return file

    def load(self, source: str, *, allow_url: bool = False) -> list[ImageRef]:
        """Read a path, a glob (in natural order), `-` (standard input) or, if allowed, a URL."""
        found = read_source(
            source, allow_url=allow_url, stdin=self._stdin, max_pixels=self._max_pixels, base=self._base
        )
        return [replace(self.put(image), path=path) for image, path in found]

    def makings(self, refs: Iterable[ImageRef]) -> dict[str, Any]:
        """Return how loaded images were made, as far as their files record it, by name."""
        from .makings import makings_of

        return makings_of(refs)

    def save(self, ref: ImageRef, request: SaveRequest) -> ImageRef:
        """Write the image atomically and return its reference with the absolute `path` (None for standard output).

        An existing file is overwritten only if requested; a name from a template gets the next free number.

        Raises: SaveFailed, FileExists, ServiceError.
        """
        if request.target == "-":
            self._send(self._encoded(ref, request, request.format or "png"))
            return replace(ref, path=None)
        target = self.targets.of(request)
        path = self._written(self._encoded(ref, request, target.format), target, request)
        return replace(ref, path=str(path))

    def check_target(self, target: str, format_name: str, *, others: bool = False) -> None:
        """Refuse a `save` target that can never work. Raises: SaveFailed, ServiceError."""
        self.targets.check(target, format_name, others=others)

    def target_path(self, target: str, format_name: str, facts: Mapping[str, object]) -> Path | None:
        return self.targets.expected(target, format_name, facts)

    def flush(self) -> None:
        """Wait until every image in the store is written. Raises: SaveFailed."""
        with self._lock:
            waiting = list(self._pending.items())
        for name, _ in waiting:
            self._wait_for(name)

    def close(self) -> None:
        """Write pending images and stop the writer thread."""
        try:
            self.flush()
        finally:
            if self._writer is not None:
                self._writer.shutdown()
                self._writer = None

    def file(self, name: str) -> Path:
        """Return the path of an image in the store, whether it exists or not. Raises: ServiceError."""
        if not NAME.fullmatch(name):
            raise image_gone(name)
        return self._root / name[:2] / f"{name}.png"

    def _read(self, file: Path, name: str) -> Image | None:
        """Read an image if the file exists and its content matches the name. Raises: ServiceError, without memory."""
        from core.imaging.errors import ImagingError
        from core.imaging.files import read_image

        with translated(), suppress(ImagingError):
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
            self._wait_for(pending)
        file = self.file(name)
        with self._lock:
            if name in self._pending or _touch_whole(file):
                return
            self._writer = self._writer or _writer_thread()
            self._pending[name] = (image, self._writer.submit(self._write, file, image))

    def _write(self, file: Path, image: Image) -> None:
        from core.imaging.files import write_image

        with translated():
            make_folder(file.parent)
            write_image(image, file, format="png", compress_level=1, durable=False)

    def _wait_for(self, name: str) -> None:
        with self._lock:
            entry = self._pending.get(name)
        try:
            if entry:
                entry[1].result()
        finally:
            with self._lock:
                self._pending.pop(name, None)

    def _encoded(self, ref: ImageRef, request: SaveRequest, format: str) -> bytes:  # noqa: A002 - as in the request
        from core.imaging.files import encode_file

        with translated():
            return encode_file(self.get(ref), format, quality=request.quality, metadata=request.metadata)

    def _written(self, data: bytes, target: Target, request: SaveRequest) -> Path:
        """Write to the first free candidate; if writing fails, remove the folders created for it.

        The path that an interrupted attempt claimed is tried first; if its file is complete, it is not written again.
        """
        candidates = target.candidates
        if request.claimed:
            from core.imaging.atomic import sweep

            earlier = Path(request.claimed)
            sweep(earlier.parent)
            if _holds(earlier, data):
                return earlier
            candidates = candidates if target.fixed else chain((earlier,), candidates)
        for path in candidates:
            if request.claim is not None:
                request.claim(str(path))
            made = make_folder(path.parent)
            try:
                self._write_bytes(data, path, overwrite=request.overwrite, made=made)
                return path
            except FileExists:
                if target.fixed:
                    raise
            except SaveFailed:
                for folder in made:
                    with suppress(OSError):
                        folder.rmdir()
                raise
        raise AssertionError("a template has endless candidates")

    def _write_bytes(self, data: bytes, path: Path, *, overwrite: bool, made: Sequence[Path] = ()) -> None:
        from core.imaging.atomic import write_atomically

        with translated():
            write_atomically(path, lambda file: file.write(data), overwrite=overwrite, made=made)

    def _send(self, data: bytes) -> None:
        stream = self._stdout()
        if not stream.closed and stream.isatty():
            hint = "pipe it into a file or a program: `... | save - > fox.png`"
            raise SaveFailed("standard output", "it is a terminal, which cannot show the bytes of an image", hint)
        try:
            stream.write(data)
            stream.flush()
        except (
            BrokenPipeError,
            ValueError,
        ) as error:  # Python raises ValueError for a stream that it has closed itself
            raise ServiceError("the reader of standard output has closed it", code="output_closed") from error
        except OSError as error:
            raise SaveFailed("standard output", (error.strerror or str(error)).lower()) from error


def _touch_whole(file: Path) -> bool:
    """Return True if a file is complete; mark it as recently used, so that the cache does not evict it now."""
    with suppress(OSError):  # only its owner may set the time
        os.utime(file)
    return is_whole_png(file)


def _writer_thread() -> ThreadPoolExecutor:
    from concurrent.futures import ThreadPoolExecutor  # takes 8 ms, so only before the first write

    return ThreadPoolExecutor(1, "image-store")


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False


def content_name(image: Image) -> str:
    """Return the SHA-256 of mode, size and pixels."""
    head = f"{image.mode} {image.width}x{image.height}\n".encode()
    return hashlib.sha256(head + image.tobytes()).hexdigest()


def _bytes_of(image: Image) -> int:
    return image.width * image.height * (2 if image.mode == "I;16" else 4 if len(image.getbands()) > 1 else 1)

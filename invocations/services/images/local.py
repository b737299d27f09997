"""The image service of this machine: a store of images between nodes, and the user's own image files."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from invocations.errors import Cancelled
from invocations.services.errors import FileExists, SaveFailed, ServiceError
from invocations.services.folders import make_folder
from invocations.services.translate_errors import translated
from invocations.values import ImageRef, MaskRef

from .base import ImageService, SaveRequest
from .sources import read_source
from .store import ImageStore
from .streams import standard_input, standard_output
from .target import Target, Targets

if TYPE_CHECKING:
    from PIL.Image import Image

TEMPLATE = "{index:06}-{seed}-{prompt:.40}-{stem:.40}.png"
MAX_PIXELS = 64_000_000
CACHE_BYTES = 128 * 2**20
COMPRESS_LEVEL = 4  # for saved PNG files, 0 to 9; takes half the time of level 6, and files are 0 to 8 % larger


class LocalImages(ImageService):
    """Stores images between nodes in an `ImageStore`, and reads and writes the user's own files.

    compress_level: the compression of the PNG files that `save` writes, 0 (fast) to 9 (small)
    base: the folder that relative names of the user's files are resolved against (default: the current folder).
    cancelled: returns True if the running node is to end; waiting for input and writing large files check it.
    """

    def __init__(
        self,
        root: Path,
        output_dir: Path,
        template: str = TEMPLATE,
        max_pixels: int = MAX_PIXELS,
        *,
        base: Path = Path(),
        compress_level: int = COMPRESS_LEVEL,
        cache_bytes: int = CACHE_BYTES,
        stdin: Callable[[], BinaryIO] | None = None,
        stdout: Callable[[], BinaryIO] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        self._root = root
        self.targets = Targets(output_dir, template, base)
        self._max_pixels, self._base = max_pixels, base
        self._stdin, self._stdout = stdin or standard_input, stdout or standard_output
        self._compress_level, self._cancelled = compress_level, cancelled
        self._store = ImageStore(root, max_pixels, cache_bytes)

    def get(self, ref: ImageRef) -> Image:
        """Return a copy of the image, upright, in one of the modes of `ImageService.get`.

        Raises: Cancelled, ServiceError.
        """
        self._check()
        return self._store.get(ref.name, ref.path).copy()

    def put(self, image: Image, *, owned: bool = False) -> ImageRef:
        """Store an image, writing it in the background.

        Raises: Cancelled; SaveFailed, if an earlier write failed.
        """
        self._check()
        from core.imaging.modes import normalize

        normal = normalize(image)
        stored = normal.copy() if normal is image and not owned else normal
        return ImageRef(self._store.put(stored), stored.width, stored.height)

    def put_mask(self, image: Image) -> MaskRef:
        """Store an image as a mask (mode L): its luminance, with transparent areas black."""
        from core.imaging.masks import as_mask
        from core.imaging.modes import normalize

        ref = self.put(as_mask(normalize(image)))
        return MaskRef(ref.name, ref.width, ref.height)

    def path(self, ref: ImageRef) -> Path:
        """Return the path of a file with the image: saved, loaded, or in the store. Raises: ServiceError."""
        return self._store.path(ref.name, ref.path)

    def load(self, source: str, *, allow_url: bool = False, keep_unreadable: bool = False) -> list[ImageRef]:
        """Read a path, a glob (in natural order), `-` (standard input) or, if allowed, a URL."""
        from .unread import unread_ref  # imported on demand, because many lines load no images

        found = read_source(
            source,
            allow_url=allow_url,
            stdin=self._stdin,
            max_pixels=self._max_pixels,
            base=self._base,
            keep_unreadable=keep_unreadable,
            cancelled=self._cancelled,
        )
        return [
            unread_ref(image)
            if isinstance(image, str)
            else ImageRef(self._store.put(image, loaded), image.width, image.height, loaded.path if loaded else None)
            for image, loaded in found
        ]

    def reload(self, ref: ImageRef) -> ImageRef:
        """Read a file; an error names it relative to the working folder if the file is inside it."""
        path, base = ref.path or "", os.path.abspath(self._base)
        inside = path.startswith(os.path.join(base, ""))
        return self.load(os.path.relpath(path, base) if inside else path)[0]

    def makings(self, refs: Iterable[ImageRef]) -> dict[str, Any]:
        """Return how loaded images were made, as far as their files record it, keyed by image name."""
        from .makings import makings_of

        return makings_of(refs)

    def save(self, ref: ImageRef, request: SaveRequest) -> ImageRef:
        """Write the image atomically and return its reference with the absolute `path` (None for standard output).

        An existing file is overwritten only if requested; a name from a template gets the next free number.

        Raises: SaveFailed, FileExists, ServiceError.
        """
        image = self._store.get(ref.name, ref.path)
        if request.target == "-":
            self._send(self._encoded(image, request, request.format or "png"))
            return replace(ref, path=None)
        path = self._written(image, self.targets.of(request), request)
        return replace(ref, path=str(path))

    def check_target(self, target: str, format_name: str, others: Collection[str] = ()) -> None:
        """Refuse a `save` target that can never work. Raises: SaveFailed, ServiceError."""
        self.targets.check(target, format_name, others)

    def target_path(self, target: str, format_name: str, facts: Mapping[str, object]) -> Path | None:
        return self.targets.expected(target, format_name, facts)

    def flush(self) -> None:
        """Wait until every image in the store is written. Raises: SaveFailed."""
        self._store.flush()

    def close(self) -> None:
        """Write pending images and stop the writer thread."""
        self._store.close()

    def file(self, name: str) -> Path:
        """Return the path of an image in the store, whether it exists or not. Raises: ServiceError."""
        return self._store.file(name)

    def _check(self) -> None:
        """Raise Cancelled if the running node, which may handle many images, is to end."""
        if self._cancelled():
            raise Cancelled

    def _encoded(self, image: Image, request: SaveRequest, format_name: str) -> bytes:
        from core.imaging.files import encode_file

        with translated():
            return encode_file(image, format_name, **self._how(request))

    def _how(self, request: SaveRequest) -> dict[str, Any]:
        how = {"quality": request.quality, "metadata": request.metadata, "compress_level": self._compress_level}
        return {**how, "cancelled": self._cancelled}

    def _written(self, image: Image, target: Target, request: SaveRequest) -> Path:
        """Write an image to the first free candidate path; if writing fails, remove the folders created for the image.

        The path that an interrupted attempt claimed is tried first; if a complete file exists there, it is kept.
        """
        candidates = target.candidates
        if request.claimed:
            from core.imaging.atomic import sweep

            earlier = Path(request.claimed)
            sweep(earlier.parent)
            if earlier.exists() and _holds(earlier, self._encoded(image, request, target.format)):
                return earlier
            candidates = candidates if target.fixed else chain((earlier,), candidates)
        if request.replaces:
            from .replacing import is_own_file  # imported on demand: few images are saved again

            if is_own_file(Path(request.replaces), request.metadata):
                request, candidates = replace(request, overwrite=True), iter((Path(request.replaces),))
        for path in candidates:
            if request.claim is not None:
                request.claim(str(path))
            made = make_folder(path.parent)
            try:
                self._write(image, path, target.format, request, made)
                return path
            except FileExists:
                if target.fixed:
                    raise
            except SaveFailed:
                for folder in made:
                    with suppress(OSError):
                        folder.rmdir()
                raise
        raise AssertionError("a template never runs out of file names to try")

    def _write(
        self, image: Image, path: Path, format_name: str, request: SaveRequest, made: Sequence[Path] = ()
    ) -> None:
        from core.imaging.errors import ImageExists
        from core.imaging.files import write_image

        with translated():
            if not request.overwrite and os.path.lexists(path):  # refuse before the image is encoded
                raise ImageExists(str(path))
            write_image(image, path, format=format_name, overwrite=request.overwrite, made=made, **self._how(request))

    def _send(self, data: bytes) -> None:
        stream = self._stdout()
        if not stream.closed and stream.isatty():
            hint = "pipe the image into a file or a program: `... | save - > fox.png`"
            raise SaveFailed("standard output", "a terminal cannot show the bytes of an image", hint)
        try:
            stream.write(data)
            stream.flush()
        except (
            BrokenPipeError,
            ValueError,
        ) as error:  # Python raises ValueError for a closed stream
            raise ServiceError("the reader of standard output has closed it", code="output_closed") from error
        except OSError as error:
            raise SaveFailed("standard output", (error.strerror or str(error)).lower()) from error


def _holds(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except OSError:
        return False

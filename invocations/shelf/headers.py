"""The sizes of the images on the shelf of a server, for checks while a line is planned."""

from __future__ import annotations

from pathlib import Path

from invocations.services.errors import ServiceError
from invocations.services.images.headers import FileHeaders, Size

from .images import ShelfImages


class ShelfHeaders(FileHeaders):
    """Answers from the gallery what `FileHeaders` reads from files, so no file is looked for."""

    def __init__(self, images: ShelfImages, base: Path, max_pixels: int) -> None:
        super().__init__(base, max_pixels)
        self._images = images

    def size(self, source: str) -> Size | None:
        """Return the size of an image on the shelf or in the allowed folder; None if there is none."""
        if self._images.is_allowed_file(source):
            return super().size(source)
        try:
            found = self._images.on_shelf(source)
        except ServiceError:
            return None
        return found.width, found.height

    def sizes(self, source: str) -> list[Size | None] | None:
        """Return the size of each image that a source matches; None if there is none."""
        if self._images.is_allowed_file(source):
            return super().sizes(source)
        size = self.size(source)
        return None if size is None else [size]

    def check(self, source: str, *, allow_url: bool = False) -> None:
        """Refuse a source that `ShelfImages.load` would refuse. Raises: ServiceError."""
        if self._images.is_allowed_file(source):
            super().check(source)
        else:
            self._images.on_shelf(source)

    def is_file(self, source: str) -> bool:
        """Return True if a word names a file in the allowed folder."""
        return self._images.is_allowed_file(source) and super().is_file(source)

    def path(self, source: str) -> Path:
        """Return the path of a name in the base folder, without expanding `~`."""
        return self._base / source.replace("\0", "?")

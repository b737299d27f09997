"""Images: content-addressed storage between nodes, and files outside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.values import ImageRef, MaskRef

if TYPE_CHECKING:
    from PIL.Image import Image


@frozen
class SaveRequest:
    """Where and how an image is written.

    target: a path or a file-name template (`{index:06}-{seed}-{prompt:.40}.png`), "" for the configured template,
    "-" for standard output.
    format: png, jpeg, webp, tiff, bmp, "" = by the target's suffix. quality: 1 to 100 for the lossy ones.
    metadata: text chunks to put into the file, by key. facts: what the template's fields may name.
    claim: told each file before it is written. claimed: the file that an earlier attempt was about to write.
    """

    target: str
    format: str
    quality: int
    overwrite: bool
    metadata: Mapping[str, str]
    facts: Mapping[str, object]
    claim: Callable[[str], object] | None = None
    claimed: str = ""


class ImageService(ABC):
    """Keeps images by the SHA-256 of their content; equal pixels and mode have equal names."""

    @abstractmethod
    def get(self, ref: ImageRef) -> Image:
        """Return the image (mode L, LA, RGB, RGBA or I;16), upright. Raises: ServiceError."""

    @abstractmethod
    def put(self, image: Image) -> ImageRef:
        """Keep an image and return its reference."""

    @abstractmethod
    def put_mask(self, image: Image) -> MaskRef:
        """Keep an image as a mask: made one channel of 8 bits."""

    @abstractmethod
    def path(self, ref: ImageRef) -> Path:
        """Return a file that holds the image: where it was saved or loaded, else the store's own PNG."""

    @abstractmethod
    def load(self, source: str, *, allow_url: bool = False) -> list[ImageRef]:
        """Read a path, a glob, `-` (standard input) or, if allowed, a URL; a glob gives its files in natural order.

        Raises: ServiceError.
        """

    @abstractmethod
    def save(self, ref: ImageRef, request: SaveRequest) -> ImageRef:
        """Write the image atomically and return its reference with `path` set (None for standard output).

        Raises: SaveFailed, FileExists.
        """

    @abstractmethod
    def check_target(self, target: str, format_name: str, *, others: bool = False) -> None:
        """Refuse a target of `save` under which no image could ever be saved; writes nothing.

        others: plug-ins may bring fields of their own into a template. Raises: SaveFailed, ServiceError.
        """

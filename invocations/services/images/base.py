"""The image service: content-addressed storage between nodes, and the user's image files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from invocations.frozen import frozen
from invocations.values import ImageRef, MaskRef

if TYPE_CHECKING:
    from PIL.Image import Image


MAKINGS: Final = "makings"  # name of the fact that records how loaded images were made
BY_ITEM: Final = "by_item"  # name of the fact with the facts of each item of a list that a node returns
SHOWS: Final = "shows"  # name of the fact with the places, in its main list, of what each item of a node's result shows


@frozen
class SaveRequest:
    """Where and how to save an image.

    target: a path or a file-name template such as `{index:06}-{seed}.png`, "" for the configured template, "-" for
    standard output.
    format: png, jpeg, webp, tiff or bmp, or "" to use the target's suffix. quality: 1 to 100, for lossy formats.
    metadata: strings to store in the file, by key. facts: the values of the template's fields.
    stems: the names, without suffix, of the files that the image was made from, nearest first.
    claim: called with each path before it is written. claimed: the path that an interrupted attempt was about to write.
    replaces: the path of the file that the same node wrote earlier, which is replaced if it still is that file.
    """

    target: str
    format: str
    quality: int
    overwrite: bool
    metadata: Mapping[str, str]
    facts: Mapping[str, object]
    claim: Callable[[str], object] | None = None
    claimed: str = ""
    replaces: str = ""
    stems: tuple[str, ...] = ()


class ImageService(ABC):
    """Stores images by the SHA-256 of their mode, size and pixels."""

    @abstractmethod
    def get(self, ref: ImageRef) -> Image:
        """Return the image (mode L, LA, RGB, RGBA or I;16), upright. Raises: ServiceError."""

    @abstractmethod
    def put(self, image: Image, *, owned: bool = False) -> ImageRef:
        """Store an image and return its reference; an `owned` image is not copied, so do not change it afterward."""

    @abstractmethod
    def put_mask(self, image: Image) -> MaskRef:
        """Store an image as a mask with one 8-bit channel."""

    @abstractmethod
    def path(self, ref: ImageRef) -> Path:
        """Return the path of a file with the image: where it was saved or loaded from, otherwise the store's PNG."""

    @abstractmethod
    def load(self, source: str, *, allow_url: bool = False, keep_unreadable: bool = False) -> list[ImageRef]:
        """Read a path, a glob (in natural order), `-` (standard input) or, if allowed, a URL.

        keep_unreadable: return a file that cannot be read as a reference without content (see `unread`)
        Raises: ServiceError.
        """

    def reload(self, ref: ImageRef) -> ImageRef:
        """Read the file of a reference without content. Raises: ServiceError."""
        return self.load(ref.path or "")[0]

    def makings(self, refs: Iterable[ImageRef]) -> dict[str, Any]:
        """Return how loaded images were made, as far as their files record it, keyed by image name."""
        return {}

    @abstractmethod
    def save(self, ref: ImageRef, request: SaveRequest) -> ImageRef:
        """Write the image atomically and return its reference with `path` set (None for standard output).

        Raises: SaveFailed, FileExists.
        """

    @abstractmethod
    def check_target(self, target: str, format_name: str, others: Collection[str] = ()) -> None:
        """Refuse a `save` target that can never work, without writing anything.

        others: the template fields that plug-ins fill.

        Raises: SaveFailed, ServiceError.
        """

    def target_path(self, target: str, format_name: str, facts: Mapping[str, object]) -> Path | None:
        """Return the path at which `save` would first try to write, or None if it is only known while saving.

        facts: the values of template fields, as far as they are known
        Raises: SaveFailed, ServiceError.
        """
        return None

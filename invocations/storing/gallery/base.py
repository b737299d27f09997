"""The gallery as an abstract class, its rows, and what selects them.

InvocationError
  GalleryError      names an image of the gallery, or a name on the shelf
    ImageMissing    NameTaken
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from typing import Final, Literal

from invocations.errors import BadValue, InvocationError
from invocations.frozen import frozen
from invocations.values import ImageRef, MaskRef

from .names import is_image_id

RESULT: Final = "result"  # the origin of an image that a line made
UPLOAD: Final = "upload"  # the origin of an image that a user sent
PUT: Final = "put"  # what happened to an image, here and below; see `Gallery.watch`
CHANGED: Final = "changed"
GONE: Final = "gone"
MAX_TAGS: Final = 32
MAX_TAG: Final = 50  # characters

Change = Literal["put", "changed", "gone"]
Watcher = Callable[[Change, str], None]


class GalleryError(InvocationError):
    """The gallery cannot do what was asked with an image; `image` is its id, or a name on the shelf."""

    code = "gallery"

    def __init__(self, image: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.image = image


class ImageMissing(GalleryError):
    """The gallery contains no image with this id."""

    code = "image_missing"

    def __init__(self, image: str) -> None:
        super().__init__(image, f"there is no image `{image:.64}`", "the gallery lists the images that are there")


class NameTaken(GalleryError):
    """Another image has the name."""

    code = "name_taken"

    def __init__(self, name: str) -> None:
        super().__init__(name, f"another image is named `{name}`", "choose another name, or rename that image first")


@frozen
class GalleryImage:
    """An image in the gallery, with the latest line that made it; the fields about lines are empty for an upload.

    id: the SHA-256 of the image, which is the `name` of its reference. kind: image or mask. origin: result or upload.
    created: when it was made or sent most recently, in seconds since 1970. path: the iteration of the node.
    line, text: the number and the text of the line. model: the name of the model, or "". names: its names on the shelf,
    the latest first.
    """

    id: str
    kind: str
    width: int
    height: int
    origin: str
    created: float
    session: str = ""
    node: str = ""
    path: tuple[int, ...] = ()
    line: int = 0
    text: str = ""
    model: str = ""
    names: tuple[str, ...] = ()
    starred: bool = False
    tags: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The latest name of the image on the shelf, or ""."""
        return self.names[0] if self.names else ""

    @property
    def ref(self) -> ImageRef:
        """A reference to the image, without the path of a file."""
        return (MaskRef if self.kind == MaskRef.kind else ImageRef)(self.id, self.width, self.height)

    @property
    def position(self) -> tuple[float, str]:
        """The place of the image in the list; see `GalleryFilter.before`."""
        return self.created, self.id


@frozen
class GalleryFilter:
    """Selects images of the gallery, the latest first.

    words: the line, the names and the tags of the image together contain all these words, ignoring case. session: the
    image is a result of this session. model: it was made with this model. kind: image or mask. origin: result or
    upload. starred: whether it is starred; None selects both. tag: it has this tag, ignoring case. since: it was made
    or sent at this time or later. before: the `position` of the last image of the previous page. limit: the maximum
    number; None sets no limit.
    """

    words: tuple[str, ...] = ()
    session: str = ""
    model: str = ""
    kind: str = ""
    origin: str = ""
    starred: bool | None = None
    tag: str = ""
    since: float = 0.0
    before: tuple[float, str] | None = None
    limit: int | None = None


ALL_IMAGES = GalleryFilter()


@frozen
class FoundImage:
    """An image that a node of a session has made; see `GalleryImage`."""

    ref: ImageRef
    session: str
    node: str
    path: tuple[int, ...]
    line: int
    model: str
    made: float


class Gallery(ABC):
    """Lists images; results are added by the session store as they are recorded. Safe for several threads."""

    def __init__(self) -> None:
        self._watchers: tuple[Watcher, ...] = ()

    @abstractmethod
    def page(self, selection: GalleryFilter = ALL_IMAGES) -> list[GalleryImage]:
        """Return the selected images, the latest first. Raises: StoreFailed."""

    @abstractmethod
    def find(self, image_id: str) -> GalleryImage | None:
        """Return an image, or None if the gallery does not contain it."""

    @abstractmethod
    def named(self, name: str) -> GalleryImage | None:
        """Return the image with a name on the shelf, ignoring case, or None."""

    @abstractmethod
    def names(self) -> list[str]:
        """Return all names on the shelf, the latest first."""

    @abstractmethod
    def add(self, ref: ImageRef, name: str = "", *, origin: str = UPLOAD, take: bool = False) -> GalleryImage:
        """Add an image that no line made, or name one that is there already; return it.

        name: its name on the shelf, or "". If another image has this name, a number is appended, or, with `take`, the
        name is taken from that image.
        Raises: BadValue, if the name is invalid.
        """

    @abstractmethod
    def change(
        self, image_id: str, *, starred: bool | None = None, tags: Iterable[str] | None = None, name: str | None = None
    ) -> GalleryImage:
        """Change what the user has said about an image, and return it; None leaves a value as it is.

        tags: replace all tags. name: replaces all names of the image; "" takes it from the shelf.
        Raises: ImageMissing, NameTaken, BadValue.
        """

    @abstractmethod
    def remove(self, image_id: str) -> None:
        """Remove an image and its names from the gallery; its content is left to the sweep. Raises: ImageMissing."""

    @abstractmethod
    def kept(self) -> Collection[str]:
        """Return the ids of the images that a sweep must not remove: those that are starred."""

    def get(self, image_id: str) -> GalleryImage:
        """Return an image. Raises: ImageMissing, also if the id is not the id of an image."""
        found = self.find(image_id) if is_image_id(image_id) else None
        if found is None:
            raise ImageMissing(image_id)
        return found

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` with (change, id) after each change in this process; return a function that ends this.

        It is called in the thread that made the change, so it must return at once and must not raise.
        """
        self._watchers = (*self._watchers, watcher)

        def end() -> None:
            self._watchers = tuple(each for each in self._watchers if each is not watcher)

        return end

    def tell(self, change: Change, image_ids: Iterable[str]) -> None:
        """Call the watchers with a change of several images."""
        if self._watchers:
            for image_id in image_ids:
                for watcher in self._watchers:
                    watcher(change, image_id)


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags without repetition, each in one line. Raises: BadValue, if there are too many or one is too long."""
    found: dict[str, str] = {}
    for written in tags:
        tag = " ".join("".join(each if each.isprintable() else " " for each in written).split())
        if len(tag) > MAX_TAG:
            message = f"a tag has {len(tag)} characters; it can have at most {MAX_TAG}"
            raise BadValue("tags", message, "shorten it")
        if tag:
            found.setdefault(tag.casefold(), tag)
    if len(found) > MAX_TAGS:
        raise BadValue("tags", f"these are {len(found)} tags; an image can have at most {MAX_TAGS}", "remove some")
    return tuple(found.values())

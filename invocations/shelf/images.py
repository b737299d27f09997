"""The image service of a server: lines name images on its shelf, which users have sent or saved, never files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from invocations.language.did_you_mean import did_you_mean
from invocations.services.allowed_folder import SEND, AllowedFolder, check_is_name
from invocations.services.errors import ServiceError, image_gone
from invocations.services.file_integrity import is_whole_png
from invocations.services.images.base import SaveRequest
from invocations.services.images.local import LocalImages
from invocations.services.images.makings import makings_of
from invocations.services.images.names import check_template, parse_template
from invocations.services.images.sources import URL, check_url
from invocations.services.images.uploads import Uploads
from invocations.storing.gallery.base import RESULT, UPLOAD, Gallery, GalleryImage
from invocations.storing.gallery.names import is_image_id, name_of_file, without_suffix
from invocations.values import ImageRef

from .targets import ShelfTargets, refuse_target

GONE: Final = "image_gone"

if TYPE_CHECKING:
    from PIL.Image import Image


class ShelfImages(LocalImages):
    """Stores images between nodes like `LocalImages`; `load` and `save` use the names of images in the gallery.

    gallery: returns the gallery. uploads: where the content of images on the shelf is stored. allowed: a folder whose
    files may be loaded too, or None
    """

    def __init__(
        self,
        root: Path,
        uploads: Uploads,
        gallery: Callable[[], Gallery],
        *,
        allowed: AllowedFolder | None = None,
        now: Callable[[], datetime] = datetime.now,
        **how: Any,
    ) -> None:
        super().__init__(root, root, **how, base=allowed.root if allowed is not None else Path())
        self.targets = ShelfTargets(root, "")
        self._uploads, self._gallery, self._allowed, self._today = uploads, gallery, allowed, now

    def get(self, ref: ImageRef) -> Image:
        """Return a copy of the image, upright; the path in the reference is not read. Raises: ServiceError."""
        self._check()
        return self._pixels(ref).copy()

    def path(self, ref: ImageRef) -> Path:
        """Return the path of a PNG that this program has written; the path in the reference is not read.

        An image that was loaded from a file of the owner is encoded again. Raises: ServiceError, SaveFailed.
        """
        here = self._here(ref)
        if here.path:
            return Path(here.path)
        self._store.wait_for(ref.name)
        file = self._store.file(ref.name)
        if is_whole_png(file):
            return file
        self._uploads.store(self._pixels(ref), {})
        return Path(self._here(ref).path or file)

    def load(self, source: str, *, allow_url: bool = False, keep_unreadable: bool = False) -> list[ImageRef]:
        """Return the image with a name or an id on the shelf, or files in the allowed folder. Raises: ServiceError."""
        if self.is_allowed_file(source):
            refs = [ref for ref in super().load(source) if self._is_inside(ref)]
            return [replace(ref, path=None) for ref in refs]
        found = self.on_shelf(source)
        try:
            image = self._pixels(found.ref)
        except ServiceError as error:
            if error.code != GONE or found.origin != UPLOAD:
                raise
            message = f"the image `{source}` was removed to free disk space"
            raise ServiceError(message, "send it again", code=GONE, name=found.id) from error
        self._store.put(image)  # where the workers read it
        return [ImageRef(found.id, found.width, found.height)]

    def reload(self, ref: ImageRef) -> ImageRef:
        """Refuse a reference to a file. Raises: ServiceError."""
        return self.load(ref.path or "")[0]

    def makings(self, refs: Iterable[ImageRef]) -> dict[str, Any]:
        """Return how images on the shelf were made, as far as their files record it, keyed by image name."""
        here = [self._here(ref) for ref in refs]
        found = makings_of(here)
        names = {ref.name: self._name_of(ref) for ref in here}
        for name, makings in found.items():
            for making in makings:
                if making.get("source") == f"{name}.png":
                    making["source"] = names[name]
        return found

    def save(self, ref: ImageRef, request: SaveRequest) -> ImageRef:
        """Name the image in the gallery as the request says; return its reference without a path.

        If another image has the name, a number is appended, or, with `overwrite`, the name is taken from that image.
        Raises: ServiceError, SaveFailed.
        """
        refuse_target(request.target)
        name = self._filled(request)
        image = self._pixels(ref)
        if request.claim is not None:
            request.claim(name)
        if name:
            self._uploads.store(image, request.metadata)
            self._gallery().add(replace(ref, path=None), name, origin=RESULT, take=request.overwrite)
        return replace(ref, path=None)

    def check_target(self, target: str, format_name: str, others: Collection[str] = ()) -> None:
        """Refuse a target that is no name for an image. Raises: ServiceError."""
        refuse_target(target)
        if "{" in target or "}" in target:
            check_template(target, others)
        elif target and not name_of_file(target):
            raise ServiceError(f"`{target}` is not a name for an image", code="bad_file_name", template=target)

    def target_path(self, target: str, format_name: str, facts: Mapping[str, object]) -> Path | None:
        """Return None: nothing is written to a file of the user."""
        return None

    def content_of(self, source: str) -> tuple[str, str] | None:
        """Return the id and the name of an image on the shelf, for cache keys; None if there is none."""
        try:
            return (self.on_shelf(source).id, source)
        except ServiceError:
            return None

    def on_shelf(self, source: str) -> GalleryImage:
        """Return the image with a name or an id. Raises: ServiceError, if the word is a path, or if there is none."""
        if URL.match(source):
            check_url(source, allowed=False)
        check_is_name(source)
        gallery = self._gallery()
        if is_image_id(source):
            found = gallery.find(source)
        else:
            found = gallery.named(source) or gallery.named(without_suffix(source)) if source else None
        if found is None:
            near = did_you_mean(source, gallery.names()) if source else ""
            message = f"no image is named `{source}`" if source else "an empty string does not name an image"
            raise ServiceError(message, near or SEND, code="nothing_matches", source=source)
        return found

    def is_allowed_file(self, source: str) -> bool:
        """Return True if a word names a file in the allowed folder, or a pattern in it, instead of an image."""
        if self._allowed is None or not self._allowed.contains(source):
            return False
        return self._gallery().named(without_suffix(source)) is None or "/" in source

    def _pixels(self, ref: ImageRef) -> Image:
        """Return the image itself, which must not be changed. Raises: ServiceError, which names no file."""
        try:
            return self._store.get(ref.name, self._here(ref).path)
        except ServiceError as error:
            raise (image_gone(ref.name) if error.code == GONE else error) from None

    def _here(self, ref: ImageRef) -> ImageRef:
        """Return a reference whose path is that of the stored upload, or None."""
        path = self._uploads.path(ref.name) if is_image_id(ref.name) else None
        return replace(ref, path=None if path is None else str(path))

    def _is_inside(self, ref: ImageRef) -> bool:
        return self._allowed is not None and self._allowed.contains(ref.path or "")

    def _name_of(self, ref: ImageRef) -> str:
        found = self._gallery().find(ref.name)
        return found.name if found is not None and found.name else ref.name[:12]

    def _filled(self, request: SaveRequest) -> str:
        """Return the name for an image, with the fields of a template filled in; "" if it gets no name."""
        if not request.target:
            return ""
        today = self._today()
        stem = request.stems[0] if len(request.stems) == 1 else None
        facts = {"date": today.date(), "time": today.strftime("%H%M%S"), "index": 1, "stem": stem, **request.facts}
        template = parse_template(request.target, facts)
        return name_of_file(template.fill(facts)) or "image"

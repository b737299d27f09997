"""The gallery in the memory of this process, beside sessions in memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import field, replace

from invocations.frozen import mutable
from invocations.values import ImageRef

from .base import (
    ALL_IMAGES,
    CHANGED,
    GONE,
    PUT,
    RESULT,
    UPLOAD,
    FoundImage,
    Gallery,
    GalleryFilter,
    GalleryImage,
    ImageMissing,
    NameTaken,
    checked_tags,
)  # fmt: skip
from .names import checked_name, numbered


@mutable
class _Stored:
    """An image with all lines that made it; the fields of `image` about lines and names are empty."""

    image: GalleryImage
    results: list[FoundImage] = field(default_factory=list)


class MemoryGallery(Gallery):
    """The gallery in dictionaries. text_of: returns the text of a line of a session. lock: the lock of the sessions"""

    def __init__(
        self, text_of: Callable[[str, int], str], lock: threading.RLock, now: Callable[[], float] = time.time
    ) -> None:
        super().__init__()
        self._text_of, self._now = text_of, now
        self._lock = lock
        self._images: dict[str, _Stored] = {}
        self._names: dict[str, tuple[str, str]] = {}  # by folded name: the name and the id; the latest is the last

    def page(self, selection: GalleryFilter = ALL_IMAGES) -> list[GalleryImage]:
        with self._lock:
            images = [self._shown(each, selection.session) for each in self._images.values()]
            found = [image for image in images if self._is_selected(image, selection)]
        return sorted(found, key=lambda image: image.position, reverse=True)[: selection.limit]

    def find(self, image_id: str) -> GalleryImage | None:
        with self._lock:
            stored = self._images.get(image_id)
            return None if stored is None else self._shown(stored, "")

    def named(self, name: str) -> GalleryImage | None:
        with self._lock:
            owner = self._owner(name)
            return self.find(owner) if owner else None

    def names(self) -> list[str]:
        with self._lock:
            return [name for name, _ in reversed(self._names.values())]

    def add(self, ref: ImageRef, name: str = "", *, origin: str = UPLOAD, take: bool = False) -> GalleryImage:
        wanted = checked_name(name) if name else ""
        with self._lock:
            self._put(ref, origin, self._now())
            number, found = 1, wanted
            while found and not take and self._owner(found) not in ("", ref.name):
                number += 1
                found = numbered(wanted, number)
            self._take(found, ref.name)
        self.tell(PUT, (ref.name,))
        return self.get(ref.name)

    def add_results(self, found: Iterable[FoundImage]) -> None:
        """Add images that nodes have made."""
        added = list(found)
        with self._lock:
            for each in added:
                self._put(each.ref, RESULT, each.made)
                stored = self._images[each.ref.name]
                where = (each.session, each.node, each.path)
                others = [old for old in stored.results if (old.session, old.node, old.path) != where]
                stored.results = [*others, each]
        self.tell(PUT, dict.fromkeys(each.ref.name for each in added))

    def forget_session(self, session_id: str) -> None:
        """Remove what was made by a session, unless the user starred, tagged or named it."""
        with self._lock:
            gone: list[str] = []
            for id_, stored in self._images.items():
                others = [each for each in stored.results if each.session != session_id]
                image = stored.image
                is_named = any(owner == id_ for _, owner in self._names.values())
                is_kept = image.starred or image.tags or is_named or image.origin != RESULT
                if len(others) < len(stored.results) and not others and not is_kept:
                    gone.append(id_)
                stored.results = others
            for id_ in gone:
                del self._images[id_]
        self.tell(GONE, gone)

    def change(
        self, image_id: str, *, starred: bool | None = None, tags: Iterable[str] | None = None, name: str | None = None
    ) -> GalleryImage:
        wanted = checked_name(name) if name else ""
        checked = None if tags is None else checked_tags(tags)
        with self._lock:
            stored = self._existing(image_id)
            if wanted and self._owner(wanted) not in ("", image_id):
                raise NameTaken(wanted)
            image = stored.image
            stored.image = replace(
                image,
                starred=image.starred if starred is None else starred,
                tags=image.tags if checked is None else checked,
            )
            if name is not None:
                self._names = {key: each for key, each in self._names.items() if each[1] != image_id}
                self._take(wanted, image_id)
        self.tell(CHANGED, (image_id,))
        return self.get(image_id)

    def remove(self, image_id: str) -> None:
        with self._lock:
            self._existing(image_id)
            del self._images[image_id]
            self._names = {key: each for key, each in self._names.items() if each[1] != image_id}
        self.tell(GONE, (image_id,))

    def kept(self) -> set[str]:
        with self._lock:
            return {id_ for id_, stored in self._images.items() if stored.image.starred}

    def _put(self, ref: ImageRef, origin: str, created: float) -> None:
        known = self._images.get(ref.name)
        if known is None:
            self._images[ref.name] = _Stored(GalleryImage(ref.name, ref.kind, ref.width, ref.height, origin, created))
        else:
            known.image = replace(known.image, created=max(known.image.created, created))

    def _take(self, name: str, image_id: str) -> None:
        if name:
            self._names.pop(name.casefold(), None)
            self._names[name.casefold()] = (name, image_id)

    def _owner(self, name: str) -> str:
        return self._names.get(name.casefold(), ("", ""))[1]

    def _existing(self, image_id: str) -> _Stored:
        if image_id not in self._images:
            raise ImageMissing(image_id)
        return self._images[image_id]

    def _shown(self, stored: _Stored, session: str) -> GalleryImage:
        names = tuple(name for name, owner in reversed(self._names.values()) if owner == stored.image.id)
        results = [each for each in stored.results if session in ("", each.session)]
        if not results:
            return replace(stored.image, names=names)
        latest = max(results, key=lambda each: (each.made, each.node))
        text = self._text_of(latest.session, latest.line)
        return replace(
            stored.image, names=names, session=latest.session, node=latest.node, path=latest.path, line=latest.line,
            text=text, model=latest.model,
        )  # fmt: skip

    def _is_selected(self, image: GalleryImage, selection: GalleryFilter) -> bool:
        results = self._images[image.id].results
        searched = " ".join((image.text, *image.names, *image.tags)).casefold()
        return (
            image.created >= selection.since
            and selection.kind in ("", image.kind)
            and selection.origin in ("", image.origin)
            and (not selection.session or any(each.session == selection.session for each in results))
            and (not selection.model or any(each.model == selection.model for each in results))
            and selection.starred in (None, image.starred)
            and (not selection.tag or selection.tag.casefold() in [tag.casefold() for tag in image.tags])
            and (selection.before is None or image.position < selection.before)
            and all(word.casefold() in searched for word in selection.words)
        )

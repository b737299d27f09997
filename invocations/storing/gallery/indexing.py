"""Add images to the gallery while the entries of sessions are appended to their logs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from invocations.sessions.journal import JournalEntry

from .base import GONE, PUT, Change, Gallery
from .image_finder import ImageFinder
from .tables import EARLIER, ONLY_OF_SESSION, Write, finder_after, writes_of

MOST_FINDERS: Final = 64  # sessions whose finders are kept; others are built again from their logs


class GalleryIndex:
    """Finds the images in new entries; the entries before them are read from the log when they are first needed.

    read: returns the rows that a statement with parameters selects. gallery: returns the gallery, or None if nobody
    watches it
    """

    def __init__(self, read: Callable[..., list[tuple[Any, ...]]], gallery: Callable[[], Gallery | None]) -> None:
        self._read, self._gallery = read, gallery
        self._added: dict[str, None] = {}
        self._finders: OrderedDict[str, ImageFinder] = OrderedDict()

    def writes(self, session_id: str, entries: Sequence[JournalEntry]) -> list[Write]:
        """Return the statements that add the images in entries that are about to be appended to a log."""
        finder = self._finders.get(session_id)
        if finder is None:
            finder = finder_after(session_id, [row[0] for row in self._read(EARLIER, session_id)])
            self._keep(finder)
        found = [image for entry in entries for image in finder.found(entry)]
        self._added |= dict.fromkeys(each.ref.name for each in found)
        return writes_of(found)

    def tell(self) -> None:
        """Tell the watchers of the gallery which images have been added."""
        added, self._added = self._added, {}
        self._tell(PUT, added)

    def tell_gone(self, images: Sequence[str]) -> None:
        """Tell the watchers of the gallery which images have been removed."""
        self._tell(GONE, images)

    def only_of(self, session_id: str) -> list[str]:
        """Return the images that leave the gallery together with a session."""
        return [row[0] for row in self._read(ONLY_OF_SESSION, session_id, session_id)]

    def forget(self, session_id: str) -> None:
        """Drop what is known about a session, because its log is not what was expected."""
        self._finders.pop(session_id, None)
        self._added = {}

    def _tell(self, change: Change, images: Iterable[str]) -> None:
        gallery = self._gallery()
        if gallery is not None:
            gallery.tell(change, images)

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._finders

    def _keep(self, finder: ImageFinder) -> None:
        self._finders[finder.session] = finder
        self._finders.move_to_end(finder.session)
        if len(self._finders) > MOST_FINDERS:
            self._finders.popitem(last=False)

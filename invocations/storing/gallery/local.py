"""The gallery in the SQLite file of the sessions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from invocations.values import ImageRef

from .base import (
    ALL_IMAGES,
    CHANGED,
    GONE,
    PUT,
    UPLOAD,
    Gallery,
    GalleryFilter,
    GalleryImage,
    ImageMissing,
    NameTaken,
    checked_tags,
)  # fmt: skip
from .names import checked_name, numbered
from .selecting import image_of, one_statement, page_statement
from .tables import ADD, Write

Read = Callable[..., list[tuple[Any, ...]]]
WriteAll = Callable[[list[Write] | Callable[[], list[Write]]], None]
FORGET_NAMES = "delete from image_names where image = ?"
TAKE_NAME = "insert or replace into image_names values (?, ?, ?, ?)"


class LocalGallery(Gallery):
    """The gallery in the tables of `tables.py`.

    read: returns the rows that a statement with parameters selects. write: executes statements in one transaction; a
    function that returns them is called in the transaction.
    """

    def __init__(self, read: Read, write: WriteAll, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._read, self._write, self._now = read, write, now

    def page(self, selection: GalleryFilter = ALL_IMAGES) -> list[GalleryImage]:
        statement, values = page_statement(selection)
        return [image_of(row) for row in self._read(statement, *values)]

    def find(self, image_id: str) -> GalleryImage | None:
        rows = self._read(one_statement(), image_id)
        return image_of(rows[0]) if rows else None

    def named(self, name: str) -> GalleryImage | None:
        owner = self._owner(name)
        return self.find(owner) if owner else None

    def names(self) -> list[str]:
        return [row[0] for row in self._read("select name from image_names order by named desc, folded")]

    def add(self, ref: ImageRef, name: str = "", *, origin: str = UPLOAD, take: bool = False) -> GalleryImage:
        wanted = checked_name(name) if name else ""
        row = (ref.name, ref.kind, ref.width, ref.height, origin, self._now())

        def writes() -> list[Write]:
            found = wanted if take else self._free_name(wanted, ref.name)
            return [(ADD, row), *([(TAKE_NAME, self._name_row(found, ref.name))] if found else [])]

        self._write(writes)
        self.tell(PUT, (ref.name,))
        return self.get(ref.name)

    def change(
        self, image_id: str, *, starred: bool | None = None, tags: Iterable[str] | None = None, name: str | None = None
    ) -> GalleryImage:
        wanted = checked_name(name) if name else ""
        stored = None if tags is None else json.dumps(checked_tags(tags), ensure_ascii=False)

        def writes() -> list[Write]:
            self._check(image_id)
            done: list[Write] = []
            if starred is not None:
                done.append(("update images set starred = ? where id = ?", (int(starred), image_id)))
            if stored is not None:
                done.append(("update images set tags = ? where id = ?", (stored, image_id)))
            if name is not None:
                if wanted and self._owner(wanted) not in ("", image_id):
                    raise NameTaken(wanted)
                done.append((FORGET_NAMES, (image_id,)))
            if wanted:
                done.append((TAKE_NAME, self._name_row(wanted, image_id)))
            return done

        self._write(writes)
        self.tell(CHANGED, (image_id,))
        return self.get(image_id)

    def remove(self, image_id: str) -> None:
        def writes() -> list[Write]:
            self._check(image_id)
            return [("delete from images where id = ?", (image_id,))]  # also deletes its names and results

        self._write(writes)
        self.tell(GONE, (image_id,))

    def kept(self) -> set[str]:
        return {row[0] for row in self._read("select id from images where starred")}

    def _check(self, image_id: str) -> None:
        if not self._read("select 1 from images where id = ?", image_id):
            raise ImageMissing(image_id)

    def _owner(self, name: str) -> str:
        """Return the id of the image with a name, or ""."""
        rows = self._read("select image from image_names where folded = ?", name.casefold())
        return str(rows[0][0]) if rows else ""

    def _free_name(self, name: str, image_id: str) -> str:
        """Return a name that is free or that the image has already, with a number if necessary."""
        found, number = name, 1
        while name and self._owner(found) not in ("", image_id):
            number += 1
            found = numbered(name, number)
        return found

    def _name_row(self, name: str, image_id: str) -> tuple[Any, ...]:
        return name.casefold(), name, image_id, self._now()

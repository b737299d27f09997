"""The statements that fill the tables of the gallery, which are in the SQLite file of the sessions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from invocations.foreign import ForeignData, stored_json
from invocations.storing.entries import entry_from_json

from .base import RESULT, FoundImage
from .image_finder import ImageFinder

Write = tuple[str, tuple[Any, ...]]

_MODEL: Final = """instr(data, '"kind":"model"') > 0"""
_IMAGE: Final = """instr(data, '"kind":"image"') > 0 or instr(data, '"kind":"mask"') > 0"""
_ENTRIES: Final = """select data from entries where session = ? and (
    substr(data, 1, 20) = '{{"entry":"extension"' or substr(data, 1, 18) = '{{"entry":"claimed"'
    or (substr(data, 1, 19) = '{{"entry":"finished"' and ({}))) order by number"""
EARLIER: Final = _ENTRIES.format(_MODEL)  # what a finder must have read before it can find later images
ALL_ENTRIES: Final = _ENTRIES.format(f"{_MODEL} or {_IMAGE}")
MALFORMED: Final = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError, ForeignData
)  # fmt: skip
ADD: Final = """insert into images (id, kind, width, height, origin, created) values (?, ?, ?, ?, ?, ?)
                on conflict (id) do update set created = max(created, excluded.created)"""
ADD_RESULT: Final = """insert into image_results values (?, ?, ?, ?, ?, ?, ?)
                       on conflict do update set line = excluded.line, model = excluded.model, made = excluded.made"""
# Images that only this session made, and that the user has not starred, tagged, named or sent.
ONLY_OF_SESSION: Final = f"""select id from images where origin = '{RESULT}' and not starred and tags = '[]'
    and id in (select image from image_results where session = ?)
    and not exists (select 1 from image_results where image = id and session <> ?)
    and not exists (select 1 from image_names where image = id)"""


def writes_of(found: Iterable[FoundImage]) -> list[Write]:
    """Return the statements that add images of a session to the gallery."""
    writes: list[Write] = []
    for each in found:
        ref = each.ref
        writes.append((ADD, (ref.name, ref.kind, ref.width, ref.height, RESULT, each.made)))
        path = " ".join(map(str, each.path))
        values = (ref.name, each.session, each.node, path, each.line, each.model, each.made)
        writes.append((ADD_RESULT, values))
    return writes


def found_in(session_id: str, rows: Iterable[str]) -> Iterator[FoundImage]:
    """Yield the images in the rows of a log; rows that cannot be read are skipped."""
    finder = ImageFinder(session_id)
    for row in rows:
        yield from _read(finder, row)


def finder_after(session_id: str, rows: Iterable[str]) -> ImageFinder:
    """Return a finder that has read the rows of a log; see `EARLIER`."""
    finder = ImageFinder(session_id)
    for row in rows:
        _read(finder, row)
    return finder


def _read(finder: ImageFinder, row: str) -> list[FoundImage]:
    try:
        return finder.found(entry_from_json(stored_json(row), finder.session))
    except MALFORMED:
        return []


def fill(opened: sqlite3.Connection) -> None:
    """Fill the gallery from the logs of all sessions that were not imported; what cannot be read is skipped."""
    sessions = [row[0] for row in opened.execute("select id from sessions where not imported order by created")]
    for session in sessions:
        rows = [row[0] for row in opened.execute(ALL_ENTRIES, (session,))]
        for statement, values in writes_of(found_in(session, rows)):
            with suppress(sqlite3.Error, OverflowError):  # a value of the wrong type
                opened.execute(statement, values)

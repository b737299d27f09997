"""Build the SQL statements that write entries and that list sessions and lines, with their parameters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from invocations.sessions.journal import CANCELLED
from invocations.sessions.session import Extension, JournalEntry, LineEnded

from .base import NOT_FAILED, SessionFilter
from .database import Write, storable
from .entries import entry_to_json
from .tables import ADD_LINE, END_LINE, GROW

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, default=str).encode

_NO_LIMIT = -1
_NOT_FAILED = "('{}')".format("', '".join(NOT_FAILED))


def infos_statement(selection: SessionFilter) -> tuple[str, tuple[object, ...]]:
    """Return the statement that selects sessions, most recently changed first."""
    entries = "(select coalesce(max(number) + 1, 0) from entries where session = id)"
    failed = f"(select count(*) from lines where session = id and outcome not in {_NOT_FAILED})"
    cancelled, unended = (
        f"(select count(*) from lines where session = id and outcome = '{outcome}')" for outcome in (CANCELLED, "")
    )
    more = "(select coalesce(sum(length(data)), 0) from entries where session = id and number >= counted)"
    conditions, values = ["changed >= ?"], [selection.since]  # type: list[str], list[object]
    if selection.session:
        conditions.append("id = ?")
        values.append(selection.session)
    if selection.own:
        conditions.append("not imported")
    if selection.pinned is not None:
        conditions.append("pinned" if selection.pinned else "not pinned")
    if selection.owner:
        conditions.append("owner = ?")
        values.append(selection.owner)
    if selection.before is not None:
        conditions.append("(changed, id) < (?, ?)")
        values += selection.before
    if selection.words or selection.failed:
        inner, of_lines = _of_lines(selection)
        found = f"exists (select 1 from lines where session = id and {inner})"
        in_title = " and ".join(["instr(folded(title), ?) > 0"] * len(selection.words))
        conditions.append(found if selection.failed else f"({in_title} or {found})")
        values += of_lines if selection.failed else of_lines * 2
    found = f"select * from sessions where {' and '.join(conditions)} order by changed desc, id desc limit ?"
    statement = (
        f"select id, created, changed, {entries}, lines, first_line, nodes, {failed}, bytes + {more}, imported,"
        f" {cancelled}, {unended}, title, pinned, owner"
        f" from ({found}) order by changed desc, id desc"
    )
    return statement, (*values, _NO_LIMIT if selection.limit is None else selection.limit)


def lines_statement(selection: SessionFilter) -> tuple[str, tuple[object, ...]]:
    """Return the statement that selects lines, the latest first."""
    conditions, values = ["started >= ?"], [selection.since]  # type: list[str], list[object]
    if selection.session:
        conditions.append("session = ?")
        values.append(selection.session)
    if selection.before_line is not None:
        conditions.append("(started, session, number) < (?, ?, ?)")
        values += selection.before_line
    inner, of_lines = _of_lines(selection)
    statement = (
        "select session, number, text, source, started, seconds, outcome from lines"
        f" where {' and '.join([*conditions, inner])} order by started desc, session desc, number desc limit ?"
    )
    return statement, (*values, *of_lines, _NO_LIMIT if selection.limit is None else selection.limit)


def _of_lines(selection: SessionFilter) -> tuple[str, list[object]]:
    conditions = ["instr(folded(text), ?) > 0"] * len(selection.words)
    if selection.failed:
        conditions.append(f"outcome not in {_NOT_FAILED}")
    return " and ".join(conditions) or "true", [word.casefold() for word in selection.words]


def count_lines(entries: Iterable[JournalEntry]) -> int:
    """Return the number of entries that add a line."""
    return [*map(type, entries)].count(Extension)


def rows_of(session_id: str, start: int, lines: int, entries: Sequence[JournalEntry]) -> list[Write]:
    """Return the statements that write entries, numbered from `start`, and update the lists of sessions and lines."""
    writes: list[Write] = [
        ("insert into entries values (?, ?, ?)", (session_id, number, _encode(entry_to_json(entry))))
        for number, entry in enumerate(entries, start)
    ]
    for entry in entries:
        if isinstance(entry, Extension):
            lines += 1
            text = storable(entry.line)
            writes.append((ADD_LINE, (session_id, lines, text, storable(entry.source), entry.time)))
            writes.append((GROW, (entry.time, text, len(entry.nodes), session_id)))
        elif isinstance(entry, LineEnded):
            writes.append((END_LINE, (entry.seconds, entry.outcome, session_id, entry.number)))
    return writes

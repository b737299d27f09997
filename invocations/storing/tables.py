"""Create the tables of the session store, or migrate them from an older version."""

from __future__ import annotations

import sqlite3
from typing import Any, Final

# Version 1 had `sessions.entries`; 3 added `scripts`, 4 `lines`, 5 `sessions.imported`, 6 `title`, `pinned`, `owner`,
# 7 `queue`, and 8 the gallery.
VERSION: Final = 8
TABLES: Final = (
    """create table if not exists sessions (
        id text primary key, created real not null, changed real not null,
        lines integer not null, first_line text not null,
        nodes integer not null default 0, bytes integer not null default 0, counted integer not null default 0,
        imported integer not null default 0,
        title text not null default '', pinned integer not null default 0, owner text not null default 'local'
    ) strict, without rowid""",
    "create index if not exists sessions_by_change on sessions (changed, id)",
    """create table if not exists entries (
        session text not null references sessions (id) on delete cascade,
        number integer not null, data text not null, primary key (session, number)
    ) strict, without rowid""",
    """create table if not exists scripts (
        session text primary key references sessions (id) on delete cascade,
        script text not null, digest text not null, noted real not null
    ) strict, without rowid""",
    "create index if not exists scripts_by_name on scripts (script, noted)",
    """create table if not exists lines (
        session text not null references sessions (id) on delete cascade,
        number integer not null, text text not null, source text not null,
        started real not null, seconds real not null, outcome text not null, primary key (session, number)
    ) strict, without rowid""",
    "create index if not exists lines_by_time on lines (started)",
    """create table if not exists queue (
        id text primary key, session text not null references sessions (id) on delete cascade,
        what text not null, created real not null, priority integer not null, batch integer not null,
        owner text not null, state text not null, worker text not null, started real not null, ended real not null,
        size integer not null, model text not null, data text not null,
        turn_owner text not null, lane text not null, number real not null, first integer not null,
        passed integer not null, passed_at real not null,
        claimant text not null, turn integer not null, base integer not null, seen integer not null,
        boot text not null, deaths integer not null, cancelled integer not null
    ) strict, without rowid""",
    "create index if not exists queue_by_state on queue (state, session)",
    "create index if not exists queue_by_creation on queue (created, id)",
    "create index if not exists queue_by_session on queue (session)",
    "create unique index if not exists queue_running on queue (session) where state = 'running'",
    "create table if not exists queue_switches (name text primary key, is_on integer not null) strict, without rowid",
    """create table if not exists images (
        id text primary key, kind text not null, width integer not null, height integer not null,
        origin text not null, created real not null, starred integer not null default 0,
        tags text not null default '[]'
    ) strict, without rowid""",
    "create index if not exists images_by_time on images (created, id)",
    """create table if not exists image_results (
        image text not null references images (id) on delete cascade,
        session text not null references sessions (id) on delete cascade,
        node text not null, path text not null, line integer not null, model text not null, made real not null,
        primary key (image, session, node, path)
    ) strict, without rowid""",
    "create index if not exists image_results_by_time on image_results (image, made)",
    "create index if not exists image_results_by_session on image_results (session, made)",
    """create table if not exists image_names (
        folded text primary key, name text not null, image text not null references images (id) on delete cascade,
        named real not null
    ) strict, without rowid""",
    "create index if not exists image_names_by_image on image_names (image, named)",
)
ADDED: Final = {  # columns of `sessions` that older versions lack
    "nodes": "integer not null default 0", "bytes": "integer not null default 0",
    "counted": "integer not null default 0", "imported": "integer not null default 0",
    "title": "text not null default ''", "pinned": "integer not null default 0",
    "owner": "text not null default 'local'",
}  # fmt: skip
CREATE: Final = """insert into sessions (id, created, changed, lines, first_line, imported, title, owner)
                   values (?, ?, ?, ?, ?, ?, ?, ?)"""
CHANGE: Final = "update sessions set title = coalesce(?, title), pinned = coalesce(?, pinned) where id = ?"
DESCRIBE: Final = "update lines set text = ? where session = ? and number = ? and text = ''"
DESCRIBE_FIRST: Final = "update sessions set first_line = ? where id = ? and first_line = ''"
ADD_LINE: Final = "insert into lines values (?, ?, ?, ?, ?, 0, '')"
END_LINE: Final = "update lines set seconds = seconds + ?, outcome = ? where session = ? and number = ?"
# `bytes` is the size of the first `counted` entries. Each entry is counted once, so the time per line stays constant.
COUNT: Final = """bytes = bytes + (select coalesce(sum(length(data)), 0) from entries
                                   where session = id and number >= counted),
                  counted = (select coalesce(max(number) + 1, 0) from entries where session = id)"""
GROW: Final = f"""update sessions set changed = max(changed, ?), lines = lines + 1,
                  first_line = iif(lines = 0, ?, first_line), nodes = nodes + ?, {COUNT} where id = ?"""


class TooNew(Exception):
    """A later version of the program created the file; `version` is the version of the file's tables."""

    def __init__(self, version: int) -> None:
        super().__init__(version)
        self.version = version


def prepare(opened: sqlite3.Connection) -> None:
    """Create the tables or migrate older ones, completely or not at all. Raises: TooNew, sqlite3.Error."""
    if version_of(opened) == VERSION:
        return
    opened.execute("begin immediate")
    try:
        found = version_of(opened)  # read again, because another process may have created the tables in the meantime
        if not 0 <= found <= VERSION:
            raise TooNew(found)
        for table in TABLES:
            opened.execute(table)
        columns = {row[1] for row in opened.execute("pragma table_info(sessions)")}
        if "entries" in columns:
            opened.execute("alter table sessions drop column entries")
        for name, form in ADDED.items():
            if name not in columns:
                opened.execute(f"alter table sessions add column {name} {form}")
        if 0 < found < 4:
            _fill(opened)
        if 0 < found < 8:
            from .gallery.tables import fill  # imported on demand: only old files need it

            fill(opened)
        opened.execute(f"pragma user_version = {VERSION}")
    except BaseException:
        opened.execute("rollback")
        raise
    opened.execute("commit")


def version_of(opened: sqlite3.Connection) -> int:
    """Return the version of the tables in a file, or 0 if it has none."""
    return int(opened.execute("pragma user_version").fetchone()[0])


def _fill(opened: sqlite3.Connection) -> None:
    """Fill the table of lines from the logs; skip unreadable entries, which are reported when their session opens."""
    opened.execute("delete from lines")
    counts: dict[str, list[int]] = {}  # (number of lines, number of nodes), keyed by session
    entries = opened.execute("select session, data from entries order by session, number")
    for session, text in entries:
        data = _read(text)
        if data.get("entry") == "extension":
            count = counts.setdefault(session, [0, 0])
            count[0] += 1
            nodes = data.get("nodes")
            count[1] += len(nodes) if isinstance(nodes, list) else 0
            texts = (str(data.get("line", "")), str(data.get("source", "")))
            opened.execute(ADD_LINE, (session, count[0], *texts, _number(data.get("time"))))
        elif data.get("entry") == "line_ended":
            ended = (_number(data.get("seconds")), str(data.get("outcome", "")), session, _number(data.get("number")))
            opened.execute(END_LINE, ended)
    for session, (_, nodes) in counts.items():
        opened.execute("update sessions set nodes = ? where id = ?", (nodes, session))
    opened.execute(f"update sessions set {COUNT}")


def _read(text: str) -> dict[str, Any]:
    if not text.startswith(('{"entry":"extension"', '{"entry":"line_ended"')):
        return {}
    from invocations.foreign import ForeignData, stored_json  # imported late because only old files need it

    try:
        data = stored_json(text)
    except ForeignData:
        return {}
    return data if isinstance(data, dict) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0

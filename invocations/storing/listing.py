"""What is asked of the tables for the lists of sessions and of lines: statements with their values."""

from __future__ import annotations

from .base import WELL, SessionFilter

_NO_LIMIT = -1
_WELL = "('{}')".format("', '".join(WELL))


def infos_statement(wanted: SessionFilter) -> tuple[str, tuple[object, ...]]:
    """Return what finds sessions, the latest changed first."""
    entries = "(select coalesce(max(number) + 1, 0) from entries where session = id)"
    failed = f"(select count(*) from lines where session = id and outcome not in {_WELL})"
    more = "(select coalesce(sum(length(data)), 0) from entries where session = id and number >= counted)"
    conditions, values = ["changed >= ?"], [wanted.since]  # type: list[str], list[object]
    if wanted.session:
        conditions.append("id = ?")
        values.append(wanted.session)
    if wanted.words or wanted.failed:
        inner, of_lines = _of_lines(wanted)
        conditions.append(f"exists (select 1 from lines where session = id and {inner})")
        values += of_lines
    found = f"select * from sessions where {' and '.join(conditions)} order by changed desc, id desc limit ?"
    statement = (
        f"select id, created, changed, {entries}, lines, first_line, nodes, {failed}, bytes + {more}"
        f" from ({found}) order by changed desc, id desc"
    )
    return statement, (*values, _NO_LIMIT if wanted.most is None else wanted.most)


def lines_statement(wanted: SessionFilter) -> tuple[str, tuple[object, ...]]:
    """Return what finds lines, the latest first."""
    conditions, values = ["started >= ?"], [wanted.since]  # type: list[str], list[object]
    if wanted.session:
        conditions.append("session = ?")
        values.append(wanted.session)
    inner, of_lines = _of_lines(wanted)
    statement = (
        "select session, number, text, source, started, seconds, outcome from lines"
        f" where {' and '.join([*conditions, inner])} order by started desc, session desc, number desc limit ?"
    )
    return statement, (*values, *of_lines, _NO_LIMIT if wanted.most is None else wanted.most)


def _of_lines(wanted: SessionFilter) -> tuple[str, list[object]]:
    conditions = ["instr(folded(text), ?) > 0"] * len(wanted.words)
    if wanted.failed:
        conditions.append(f"outcome not in {_WELL}")
    return " and ".join(conditions) or "true", [word.casefold() for word in wanted.words]

"""Build the SQL statement that lists the gallery, with its parameters, and read its rows."""

from __future__ import annotations

import json
from typing import Any

from .base import GalleryFilter, GalleryImage

_NO_LIMIT = -1
NAMES = "(select group_concat(name, ' ') from (select name from image_names where image = i.id order by named desc))"
COLUMNS = f"""i.id, i.kind, i.width, i.height, i.origin, i.created, coalesce(r.session, ''), coalesce(r.node, ''),
    coalesce(r.path, ''), coalesce(r.line, 0), coalesce(l.text, ''), coalesce(r.model, ''), coalesce({NAMES}, ''),
    i.starred, i.tags"""
LATEST = "select session, node, path from image_results where image = i.id{} order by made desc, node desc limit 1"
FROM = """images i
    left join image_results r on r.image = i.id and (r.session, r.node, r.path) = ({})
    left join lines l on l.session = r.session and l.number = r.line"""


def page_statement(selection: GalleryFilter) -> tuple[str, tuple[object, ...]]:
    """Return the statement that selects images, the latest first."""
    values: list[object] = []
    of_session = ""
    if selection.session:
        of_session = " and session = ?"
        values.append(selection.session)
    conditions = ["i.created >= ?"]
    values.append(selection.since)
    for condition, value in (
        ("i.kind = ?", selection.kind),
        ("i.origin = ?", selection.origin),
        ("exists (select 1 from image_results where image = i.id and session = ?)", selection.session),
        ("exists (select 1 from image_results where image = i.id and model = ?)", selection.model),
        ("exists (select 1 from json_each(i.tags) where folded(value) = ?)", selection.tag.casefold()),
    ):
        if value:
            conditions.append(condition)
            values.append(value)
    if selection.starred is not None:
        conditions.append("i.starred" if selection.starred else "not i.starred")
    if selection.before is not None:
        conditions.append("(i.created, i.id) < (?, ?)")
        values += selection.before
    searched = f"folded(coalesce(l.text, '') || ' ' || coalesce({NAMES}, '') || ' ' || i.tags)"
    conditions += [f"instr({searched}, ?) > 0"] * len(selection.words)
    values += [word.casefold() for word in selection.words]
    limit = _NO_LIMIT if selection.limit is None else selection.limit
    source = FROM.format(LATEST.format(of_session))
    return (
        f"select {COLUMNS} from {source} where {' and '.join(conditions)} order by i.created desc, i.id desc limit ?",
        (*values, limit),
    )


def one_statement() -> str:
    """Return the statement that selects the image with an id."""
    return f"select {COLUMNS} from {FROM.format(LATEST.format(''))} where i.id = ?"


def image_of(row: tuple[Any, ...]) -> GalleryImage:
    """Return the image in a row of a list."""
    id_, kind, width, height, origin, created, session, node, path, line, text, model, names, starred, tags = row
    return GalleryImage(
        id_, kind, width, height, origin, created, session, node, tuple(map(int, path.split())), line, text, model,
        tuple(names.split()), bool(starred), tuple(json.loads(tags)),
    )  # fmt: skip

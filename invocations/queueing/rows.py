"""Convert items of the queue to and from rows of the table `queue`, and build the statements that use them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

from invocations.errors import StoreFailed
from invocations.events import NodeError
from invocations.storing.database import Write, storable

from .base import RUNNING, WAITING, Claim, ItemFilter, QueueItem, QueuePlace

OWN: Final = (
    "id", "session", "what", "created", "priority", "batch", "owner", "state", "worker", "started", "ended", "size",
    "model",
)  # fmt: skip
PLACE: Final = {"owner": "turn_owner"}  # the names of columns that differ from those of the fields
COLUMNS: Final = (
    *OWN, "data", *[PLACE.get(each.name, each.name) for each in fields(QueuePlace)],
    *[each.name for each in fields(Claim)],
)  # fmt: skip
IN_OWN, IN_PLACE = len(OWN), len(fields(QueuePlace))
_own = attrgetter(*OWN)
_of_place = attrgetter(*[each.name for each in fields(QueuePlace)])
_of_claim = attrgetter(*[each.name for each in fields(Claim)])
ALL_COLUMNS: Final = ", ".join(COLUMNS)
INSERT: Final = f"insert into queue ({ALL_COLUMNS}) values ({', '.join('?' * len(COLUMNS))})"
UPDATE: Final = f"update queue set {', '.join(f'{name} = ?' for name in COLUMNS[1:])} where id = ?"
GET: Final = f"select {ALL_COLUMNS} from queue where id = ?"
LANE: Final = f"""select {ALL_COLUMNS} from queue where state = '{WAITING}' and turn_owner = ? and lane = ? and id <> ?
                  order by number"""
HEADS: Final = f"""
    select {ALL_COLUMNS} from (
        select *, row_number() over (partition by turn_owner, lane, first, priority, batch order by number) as nth
        from queue
        where state = '{WAITING}' and session not in (select session from queue where state = '{RUNNING}')
    ) where nth = 1
"""
TURNS: Final = "select turn_owner, lane, max(turn) from queue where turn > 0 group by turn_owner, lane"
BATCH: Final = "select coalesce(max(turn), 0) from queue where batch"
LOAD: Final = f"select count(*), coalesce(sum(size), 0) from queue where state = '{WAITING}' and owner = ?"
LAST: Final = "select coalesce(max(number), 0) from queue"
PRUNE: Final = f"""
    delete from queue where id in (
        select id from queue where state not in ('{WAITING}', '{RUNNING}') order by created desc, id desc
        limit -1 offset ?
    )
"""
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


def insertion(item: QueueItem) -> Write:
    """Return the statement that adds an item."""
    return INSERT, _row(item)


def updating(item: QueueItem) -> Write:
    """Return the statement that stores a changed item."""
    row = _row(item)
    return UPDATE, (*row[1:], row[0])


def selecting(selection: ItemFilter) -> tuple[str, tuple[object, ...]]:
    """Return the statement that selects items, the latest first, and its values."""
    conditions, values = ["true"], []  # type: list[str], list[object]
    if selection.states:
        conditions.append(f"state in ({', '.join('?' * len(selection.states))})")
        values += selection.states
    for name in ("session", "owner"):
        if value := getattr(selection, name):
            conditions.append(f"{name} = ?")
            values.append(value)
    if selection.before is not None:
        conditions.append("(created, id) < (?, ?)")
        values += selection.before
    found = f"select {ALL_COLUMNS} from queue where {' and '.join(conditions)} order by created desc, id desc limit ?"
    return found, (*values, -1 if selection.limit is None else selection.limit)


def item_of(row: Sequence[Any]) -> QueueItem:
    """Return the item in a row. Raises: StoreFailed, if the row is damaged."""
    id_, session, what, created, priority, batch, owner, state, worker, started, ended, size, model = row[:IN_OWN]
    turn_owner, lane, number, first, passed, passed_at = row[IN_OWN + 1 : IN_OWN + 1 + IN_PLACE]
    claim = [*row[IN_OWN + 1 + IN_PLACE :]]
    claim[-1] = bool(claim[-1])
    try:
        data = json.loads(row[IN_OWN])
        error = data["error"]
        return QueueItem(
            id_, session, what, created, tuple(data["lines"]), tuple(data["nodes"]), data["reuse"],
            tuple(data["recompute"]), priority, bool(batch), owner, state, worker, started, ended,
            None if error is None else NodeError(**error), size, model, data["sweeps"], data["most_items"],
            data["seconds"], data["version"],
            QueuePlace(turn_owner, lane, number, bool(first), passed, passed_at), Claim(*claim),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        reason = f"item `{id_}` of the queue is damaged"
        raise StoreFailed("sessions.sqlite", reason, "cancel or delete its session") from error


def _row(item: QueueItem) -> tuple[Any, ...]:
    error = item.error
    short = error and {"type": error.type, "message": error.message, "code": error.code, "hint": error.hint}
    data = {
        "lines": item.lines, "nodes": item.nodes, "reuse": item.reuse, "recompute": item.recompute, "error": short,
        "sweeps": item.sweeps, "most_items": item.most_items, "seconds": item.seconds, "version": item.version,
    }  # fmt: skip
    place, claim = item.place, item.claim
    return tuple([_stored(value) for value in (*_own(item), _encode(data), *_of_place(place), *_of_claim(claim))])


def _stored(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else int(value) if isinstance(value, bool) else value

"""Add up how often the nodes of a session ran, how long they took and how much memory they needed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import nlargest
from operator import itemgetter
from typing import Any

from invocations.events import NodeFailed, NodeFinished
from invocations.frozen import frozen
from invocations.sessions.journal import JournalEntry

Run = list[Any]  # the fields of `RunTotals` in order, as a list, because lists are cheap to create and to add up
MAXIMA = slice(6, 10)  # the fields of `RunTotals` that are the maximum of all runs; `workers` joins names
NO_WORK: Run = [0, 0, 0, 1, 0.0, 0.0, ""]  # the memory and the work of a run that failed
# One value for all entries: SQLite extracts and joins the fields, because a Python call for each entry takes longer.
RUNS = """
    select '[' || group_concat(json_extract(data, '$.node', '$.type', '$.seconds', '$.reused', '$.bytes',
                                            '$.event', '$.node_id', '$.node_type', '$.worker', '$.load_seconds',
                                            '$.batch')) || ']'
    from (select data from entries
          where session = ? and substr(data, 1, 19) in ('{"entry":"finished"', '{"entry":"event","e') order by number)
"""


@frozen
class RunTotals:
    """Totals of a node, or of all nodes of a command (`node` is ""); 0 bytes means that memory was not measured.

    run: the number of runs, including failed runs
    reused: the number of results that came from the cache
    failed: the number of failed runs
    peak_bytes, grown_bytes, device_bytes, batch: the highest value of any run
    queue_seconds: how long runs waited for a worker. load_seconds: how long they loaded models, as part of `seconds`
    workers: the workers and their devices, as in `w1 cpu, w2 cpu`; "" if all ran in the process with the session
    """

    node: str
    type: str
    run: int = 0
    reused: int = 0
    failed: int = 0
    seconds: float = 0.0
    peak_bytes: int = 0
    grown_bytes: int = 0
    device_bytes: int = 0
    batch: int = 1
    queue_seconds: float = 0.0
    load_seconds: float = 0.0
    workers: str = ""


@frozen
class SessionTotals:
    """Totals of a session.

    commands: the totals of each command, sorted by time, the longest first
    nodes: the totals of the nodes that took longest, in the order in which they first ran
    node_count: the number of nodes that ran
    seconds: the total time of all lines
    """

    commands: tuple[RunTotals, ...]
    nodes: tuple[RunTotals, ...]
    node_count: int
    seconds: float


def totals_of(runs: Iterable[Run], seconds: float, most: int | None) -> SessionTotals:
    """Add up runs by node and by command; `most` limits the number of nodes, keeping those that took longest."""
    by_node: dict[str, Run] = {}
    for run in runs:
        known = by_node.setdefault(run[0], run)
        if known is not run:
            by_node[run[0]] = _total([known, run])
    by_type: defaultdict[str, list[Run]] = defaultdict(list)
    for run in by_node.values():
        by_type[run[1]].append(run)
    commands = [["", *_total(found)[1:]] for found in by_type.values()]
    longest = by_node.values() if most is None else nlargest(most, by_node.values(), key=itemgetter(5))
    chosen = {run[0] for run in longest}
    return SessionTotals(
        tuple(RunTotals(*run) for run in sorted(commands, key=itemgetter(5), reverse=True)),
        tuple(RunTotals(*run) for run in by_node.values() if run[0] in chosen),
        len(by_node),
        seconds,
    )


def _total(runs: list[Run]) -> Run:
    """Return the sum over all runs; for memory and batches the maximum, for workers all names."""
    columns = list(zip(*runs, strict=True))
    sums, more = columns[2 : MAXIMA.start], columns[MAXIMA.stop : -1]
    names = sorted({name for text in columns[-1] if text for name in text.split(", ")})
    return [*runs[0][:2], *map(sum, sums), *map(max, columns[MAXIMA]), *map(sum, more), ", ".join(names)]


def runs_of_json(text: str | None) -> Iterator[Run]:
    """Yield the runs in the value that `RUNS` selects, or none for None. Raises: KeyError, TypeError, ValueError."""
    for node, type_, seconds, reused, sizes, event, node_id, node_type, worker, load, batch in json.loads(text or "[]"):
        if event is None:
            name, device, queue = worker or ("", "", 0.0)
            work = (batch or 1, queue, load or 0.0, f"{name} {device}".strip())
            yield [node, type_, 1 - (reused or 0), int(reused or 0), 0, seconds + 0.0, *(sizes or (0, 0, 0)), *work]
        elif event == NodeFailed.event:
            yield [node_id, node_type, 1, 0, 1, seconds + 0.0, *NO_WORK]


def runs_of_log(log: Iterable[JournalEntry]) -> Iterator[Run]:
    """Yield the runs in a log."""
    for entry in log:
        if isinstance(entry, NodeFinished):
            sizes = (entry.peak_bytes, entry.grown_bytes, entry.device_bytes)
            work = (entry.batch, entry.queue_seconds, entry.load_seconds, f"{entry.worker} {entry.device}".strip())
            reused = int(entry.reused)
            yield [entry.node_id, entry.node_type, 1 - reused, reused, 0, entry.seconds, *sizes, *work]
        elif isinstance(entry, NodeFailed):
            yield [entry.node_id, entry.node_type, 1, 0, 1, entry.seconds, *NO_WORK]

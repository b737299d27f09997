"""Find a sweep that is larger than allowed, as soon as the lengths of the lists that it loops over are known."""

from __future__ import annotations

from math import prod

from invocations.sessions.session import Session

from .base import Job, SweepLimit


def excess(job: Job, limit: SweepLimit) -> int:
    """Return the number of items of the largest sweep of a job that is above the limit, or 0."""
    graph, ids = job.session.graph, job.session.graph.nodes if job.only is None else job.only
    nodes = [id_ for id_ in [*ids] if graph.node_type(id_).spec.role == "node"]
    found = max((_items(job.session, id_, limit) for id_ in nodes), default=0)
    return found if found > limit.most else 0


def _items(session: Session, id_: str, limit: SweepLimit) -> int:
    """Return how many runs a node in a sweep has, as far as that is known; 0 outside sweeps."""
    loops = session.expansion.loops
    axes = loops.axes(id_)
    if limit.counts.keys().isdisjoint(axes):
        return 0
    if loops.is_complete(axes):
        return len(loops.paths(axes))
    return prod(loops.items(axis) or limit.counts.get(axis) or 1 for axis in axes)

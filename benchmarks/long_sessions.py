"""Sessions of many stages, whose growth the benchmarks and the tests measure."""

from __future__ import annotations

from itertools import pairwise

from invocations.catalog.snapshot import built_in
from invocations.graph.node import Edge, Node
from invocations.sessions.session import Extension, Session, SessionStage


def session(count: int, *, chain: bool) -> Session:
    """Return a session with `count` additions: each is a line by itself, or each takes the result of the one before."""
    made = Session("s", 0.0, built_in().get)
    ids = [str(number) for number in range(1, count + 1)]
    nodes = tuple(Node(id_, "add", {"b": 1} if chain and id_ != "1" else {"a": 1, "b": 1}) for id_ in ids)
    edges = tuple(Edge(a, "value", b, "a") for a, b in pairwise(ids)) if chain else ()
    stages = tuple(
        SessionStage(int(id_), "add", None, 1 if chain else int(id_), (id_,), {"value": (id_, "value")}, (id_, "value"))
        for id_ in ids
    )
    made.apply(Extension(nodes, edges, stages=stages))
    return made

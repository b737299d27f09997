"""Sessions of many stages, for benchmarks and tests that measure how the cost grows with their length."""

from __future__ import annotations

from itertools import pairwise

from invocations.catalog.snapshot import built_in
from invocations.graph.node import Edge, Node
from invocations.sessions.session import Extension, Session, SessionStage


def additions(count: int, *, chain: bool = False, names: bool = False) -> Extension:
    """Return `count` stages of one addition each; in a chain, each takes the result of the previous stage.

    names: whether the stages are named `n1`, `n2` ...
    """
    ids = [str(number) for number in range(1, count + 1)]
    nodes = tuple(Node(id_, "add", {"b": 1} if chain and id_ != "1" else {"a": 1, "b": 1}) for id_ in ids)
    edges = tuple(Edge(a, "value", b, "a") for a, b in pairwise(ids)) if chain else ()
    stages = tuple(
        SessionStage(int(id_), "add", f"n{id_}" if names else None, 1, (id_,), {"value": end}, end)
        for id_ in ids
        for end in [(id_, "value")]
    )
    return Extension(nodes, edges, stages=stages, line="add 1 1")


def session(count: int, *, chain: bool) -> Session:
    """Return a session of additions that have not run."""
    made = Session("s", 0.0, built_in().get)
    made.apply(additions(count, chain=chain))
    return made

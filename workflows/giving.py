"""What a line gave, read from its session: the results by node, and the seeds that were drawn for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from .results import Result, make_result

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from invocations.spec import InvocationSpec
    from invocations.values import ImageRef
    from invokeai_cli.shell import Shell

    from .planning.plan_line import Plan

STANDARD_OUTPUT = "-"


def results_of(shell: Shell, session: Session, wanted: Iterable[tuple[str, str]]) -> list[Result]:
    """Return the results of a line that are there, each node's in the order of its iterations."""
    found: list[Result] = []
    for node_id, output in wanted:
        node = session.graph.nodes[node_id]

        def path(ref: ImageRef, nowhere: bool = is_sent(session, node_id)) -> str:
            return "" if nowhere else shell.path(ref)

        values = session.values(node_id, output)
        found += [make_result(node_id, node.type, output, value, path) for value in values]
    return found


def is_sent(session: Session, node_id: str) -> bool:
    """Tell whether a node writes a picture's bytes to standard output."""
    node = session.graph.nodes[node_id]
    return node.type == "save" and node.inputs.get("target") == STANDARD_OUTPUT


def seeds_of(plan: Plan, session: Session, catalog: Mapping[str, InvocationSpec]) -> tuple[tuple[str, int], ...]:
    """Return node and seed wherever the line left a seed open and one was drawn."""
    drawn = []
    for node in plan.nodes:
        kept = session.graph.nodes[node.id]
        names = [name for name, value in kept.inputs.items() if node.inputs.get(name) != value]
        spec = catalog[node.type] if names else None
        drawn += [(node.id, kept.inputs[name]) for name in names if spec and (f := spec.input(name)) and f.seed]
    return tuple(drawn)

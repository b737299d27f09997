"""The whole line that made an image, with the seeds that were picked; the line may have made other images too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.language.source import Source

from .decompile.equivalence import content_hashes
from .planning.draft import MOST_ITEMS, Draft, Edit
from .planning.edits import edit
from .planning.planned_files import PlannedFiles
from .planning.scope import Scope

if TYPE_CHECKING:
    from invocations.graph.graph import Graph

    from .line_planner import LinePlanner
    from .planning.plan import Plan
    from .planning.plan_line import LineAnalysis


@frozen
class WholeLine:
    """A line as it was run.

    text: the line, with each seed that was picked when it ran
    plan: its plan, or None if it cannot be planned by itself, such as a line that refers to an earlier one
    why: why it cannot be planned
    """

    text: str
    plan: Plan | None = None
    why: str = ""


def whole_line(planner: LinePlanner, typed: str, recorded: Graph) -> WholeLine:
    """Return a line as it was run.

    typed: the line as it was typed. recorded: the graph that led to one image of the line
    """
    analysis = _analyze(planner, typed)
    plan = analysis.plan
    if plan is None:
        return WholeLine(typed, why=analysis.errors[0].message if analysis.errors else "")
    seeds = _picked(plan, recorded)
    if not seeds:
        return WholeLine(typed, plan)
    pinned = _analyze(planner, typed, seeds).plan
    return WholeLine(pinned.text, pinned) if pinned is not None else WholeLine(typed, plan)


def makes(planner: LinePlanner, plan: Plan, graph: Graph) -> bool:
    """Return True if a plan has all nodes of a graph, and perhaps more."""
    wanted = content_hashes(graph.nodes.values(), graph.edges, planner.catalog)
    nodes, edges = (*plan.nodes, *plan.additions.nodes), (*plan.edges, *plan.additions.edges)
    return Counter(wanted.values()) <= Counter(content_hashes(nodes, edges, planner.catalog).values())


def has_stages(plan: Plan, graph: Graph) -> bool:
    """Return True if a plan has a node for each node of a graph; the values on the axes of a sweep may differ."""
    return bool(plan.axes) and _shift(plan, graph) is not None


def _analyze(planner: LinePlanner, typed: str, seeds: Mapping[int, int] | None = None) -> LineAnalysis:
    """Plan a line as if it were the first one of a session. seeds: the seed of each stage, by the place of the stage"""
    memory = planner.fork()
    memory.scope, memory.files = Scope(), PlannedFiles(may_exist=True)

    def pin(draft: Draft) -> Sequence[Edit]:
        return list(_pinned(draft, seeds or {}))

    memory.adjust = pin if seeds else None
    return planner.analyze(Source(None, typed), memory, most_items=MOST_ITEMS)


def _pinned(draft: Draft, seeds: Mapping[int, int]) -> Iterator[Edit]:
    """Set the seed of a stage, and yield the edit."""
    seed = next((field for field in draft.spec.inputs if field.seed), None)
    place = draft.stage.span.start
    if seed is not None and place in seeds and seed.name not in draft.contents:
        yield edit(draft, seed, str(seeds[place]))


def _picked(plan: Plan, recorded: Graph) -> dict[int, int]:
    """Return the seeds that were picked when a line ran, by the place of the stage in the line."""
    shift = _shift(plan, recorded)
    places = {node: stage.span.start for stage in plan.stages for node in stage.nodes}
    found: dict[int, int] = {}
    for value in plan.values if shift is not None else ():
        node = recorded.nodes.get(_shifted(value.node, shift or 0)) if value.origin == "drawn" else None
        seed = node.inputs.get(value.input) if node is not None else None
        if isinstance(seed, int) and value.node in places:
            found.setdefault(places[value.node], seed)
    return found


def _shift(plan: Plan, recorded: Graph) -> int | None:
    """Return how many stages the session had before the line, according to the ids of the recorded nodes.

    Returns None if the nodes cannot belong to the line.
    """
    known = {node.id for node in (*plan.nodes, *plan.additions.nodes)}
    numbers = {int(_stage(id_)) for id_ in recorded.nodes if _stage(id_).isdecimal()}
    for stage in plan.stages if numbers else ():
        shift = max(numbers) - stage.number
        if shift >= 0 and all(_shifted(id_, -shift) in known for id_ in recorded.nodes):
            return shift
    return None


def _stage(node_id: str) -> str:
    return node_id.partition(".")[0]


def _shifted(node_id: str, shift: int) -> str:
    """Return the id of a node with `shift` added to its stage number: `3.denoise` becomes `5.denoise` for 2."""
    number, dot, rest = node_id.partition(".")
    return f"{int(number) + shift}{dot}{rest}" if number.isdecimal() else node_id

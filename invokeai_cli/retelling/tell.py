"""A graph told as a line, checked by planning it: each stage in the shortest manner that gives the same nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from invocations.graph.graph import Graph
from invokeai_cli.language.errors import Refusal
from invokeai_cli.language.printer import print_tree
from invokeai_cli.language.source import Source
from invokeai_cli.language.tree import Pipeline, Stage
from invokeai_cli.leaving import leave
from invokeai_cli.planning.plan import Plan, plan_line

from .pieces import Catalog, End, Piece, alternatives, groups
from .sameness import Names, differences, names_of, same
from .stages import MANNERS, Unsayable, write_stage

MOST_NODES = 300  # told one by one, each with a plan of all before it


@dataclass(frozen=True, slots=True)
class Told:
    """A line, and what of the graph it does not make; "" where nothing can be told."""

    line: str
    missing: tuple[str, ...] = ()


def tell(graph: Graph, catalog: Catalog, defaults: Mapping[str, str] | None = None) -> Told:
    """Return the line that plans to a graph; `defaults` are those that hold where it will be planned."""
    if len(graph) > MOST_NODES:
        return Told("", (f"it has {len(graph)} nodes, and at most {MOST_NODES} are told",))
    best = Told("", ("it has no nodes",))
    for left_out in (True, False):
        told = _Teller(graph, catalog, defaults or {}).tell(left_out=left_out)
        if not told.missing:
            return told
        best = told if not best.line else best
    return best


def plan_told(line: str, catalog: Catalog, defaults: Mapping[str, str] | None = None) -> Plan | None:
    """Return the plan of a line that stands alone, None where it is refused."""
    try:
        return plan_line(Source(None, line), catalog=catalog, defaults=defaults or {})
    except Refusal:
        return None


def compare(graph: Graph, plan: Plan, catalog: Catalog) -> tuple[str, ...]:
    """Return how a plan differs from a graph, with or without the saves that are added to it; () where it does not."""
    wanted = names_of(graph.nodes.values(), graph.edges, catalog)
    if same(wanted, names_of(plan.nodes, plan.edges, catalog)):
        return ()
    added = leave(plan, catalog)
    nodes = {node.id: node for node in (*plan.nodes, *added.nodes)}
    found = names_of(nodes.values(), (*plan.edges, *added.edges), catalog)
    return () if same(wanted, found) else differences(wanted, found, graph.nodes, nodes)


class _Teller:
    """One graph being told, stage after stage."""

    def __init__(self, graph: Graph, catalog: Catalog, defaults: Mapping[str, str]) -> None:
        self.graph, self.catalog, self.defaults = graph, catalog, defaults
        self.wanted: Names = names_of(graph.nodes.values(), graph.edges, catalog)
        self.stages: list[Stage] = []
        self.pieces: list[Piece] = []

    def tell(self, *, left_out: bool) -> Told:
        missing: list[str] = []
        for ids in groups(self.graph, left_out=left_out):
            if not any(self.all_of(pieces) for pieces in alternatives(self.graph, ids, self.catalog)):
                types = ", ".join(f"`{self.graph.nodes[id_].type}` ({id_})" for id_ in ids)
                missing.append(f"{types} cannot be written as it stands in the graph")
        pipeline = Pipeline(tuple(self.stages))
        line = print_tree(pipeline)
        if missing or not self.stages:
            return Told(line, tuple(missing) or ("it has no nodes",))
        plan = plan_told(line, self.catalog, self.defaults)
        return Told(line, compare(self.graph, plan, self.catalog) if plan else ("the line is refused",))

    def all_of(self, pieces: Sequence[Piece]) -> bool:
        """Write pieces one after the other, all or none."""
        before = [*self.stages], [*self.pieces]
        if all(self.write(piece) for piece in pieces):
            return True
        self.stages, self.pieces = before
        return False

    def write(self, piece: Piece) -> bool:
        """Write a piece in the first manner that plans to the nodes it was made of."""
        wanted = Counter(self.wanted[id_] for id_ in piece.nodes)
        for manner in MANNERS:
            ends = [
                end for name, end in piece.links.items()
                if (manner.piped if (f := piece.spec.input(name)) and f.primary else manner.linked)
            ]  # fmt: skip
            named = self.named(ends)
            if named is None:
                return False
            stages, given = named
            try:
                stage = write_stage(piece, manner, given)
            except Unsayable:
                continue
            line = print_tree(Pipeline((*stages, stage)))
            plan = plan_told(line, self.catalog, self.defaults)
            if plan is not None and self.made(plan) == wanted:
                self.stages, self.pieces = [*stages, stage], [*self.pieces, piece]
                return True
        return False

    def made(self, plan: Plan) -> Counter[str]:
        """Return the names of the nodes that the last stage of a plan made."""
        names = names_of(plan.nodes, plan.edges, self.catalog)
        return Counter(names[id_] for id_ in plan.stages[-1].nodes)

    def named(self, ends: Sequence[End]) -> tuple[list[Stage], dict[End, tuple[str, str | None]]] | None:
        """Return the stages with names for those that give some outputs, and how these are referred to."""
        stages, given = [*self.stages], {}
        for end in ends:
            index = next((i for i, piece in enumerate(self.pieces) if end in piece.outputs), None)
            if index is None:
                return None
            piece, stage = self.pieces[index], stages[index]
            name = stage.name or self.free_name(stage.command.text, stages)
            stages[index] = replace(stage, name=name)
            primary = piece.spec.primary_output
            output = piece.outputs[end]
            given[end] = (name, None if primary is not None and primary.name == output else output)
        return stages, given

    def free_name(self, word: str, stages: Sequence[Stage]) -> str:
        """Return a name for a stage that no other has."""
        taken = {stage.name for stage in stages}
        number, name = 1, word
        while name in taken:
            number += 1
            name = f"{word}{number}"
        return name

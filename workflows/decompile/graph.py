"""A graph told as a line, checked by planning it: each stage in the shortest manner that gives the same nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from invocations.graph.graph import Graph
from invocations.language.errors import Refusal
from invocations.language.printer import print_tree
from invocations.language.source import Source
from invocations.language.tree import Pipeline, Stage
from workflows.planning.autosave import leave
from workflows.planning.plan_line import Plan, plan_line

from .equivalence import Names, differences, names_of, same
from .segments import Catalog, End, Piece, alternatives, groups
from .stage import MANNERS, Manner, Unsayable, links_in, write_stage

MOST_NODES = 200  # told one by one, each with a plan of all before it


@dataclass(frozen=True, slots=True)
class Told:
    """A line, and what of the graph it does not make; "" where nothing can be told."""

    line: str
    missing: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A piece and the stage that says it, in its manner."""

    piece: Piece
    manner: Manner
    stage: Stage


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
        self.set_now = frozenset(key.rpartition(".")[2] for key in defaults)
        self.said: list[Said] = []

    def tell(self, *, left_out: bool) -> Told:
        missing: list[str] = []
        for ids in groups(self.graph, left_out=left_out):
            if not any(self.all_of(pieces) for pieces in alternatives(self.graph, ids, self.catalog)):
                types = ", ".join(f"`{self.graph.nodes[id_].type}` ({id_})" for id_ in ids)
                missing.append(f"{types} cannot be written as it stands in the graph")
        line, said = print_tree(Pipeline(tuple(each.stage for each in self.said))), tuple(self.said)
        if missing or not said:
            return Told(line, tuple(missing) or ("it has no nodes",), said)
        plan = plan_told(line, self.catalog, self.defaults)
        return Told(line, compare(self.graph, plan, self.catalog) if plan else ("the line is refused",), said)

    def all_of(self, pieces: Sequence[Piece]) -> bool:
        """Write pieces one after the other, all or none."""
        before = [*self.said]
        if all(self.write(piece) for piece in pieces):
            return True
        self.said = before
        return False

    def write(self, piece: Piece) -> bool:
        """Write a piece in the first manner that plans to the nodes it was made of."""
        wanted = Counter(self.wanted[id_] for id_ in piece.nodes)
        tried: set[Stage] = set()
        for manner in MANNERS:
            named = _named(self.said, links_in(piece, manner))
            if named is None:
                return False
            said, given = named
            try:
                stage = write_stage(piece, manner, given, self.set_now)
            except Unsayable:
                continue
            if stage in tried:
                continue
            tried.add(stage)
            line = print_tree(Pipeline((*(each.stage for each in said), stage)))
            plan = plan_told(line, self.catalog, self.defaults)
            if plan is not None and self.made(plan) == wanted:
                self.said = [*said, Said(piece, manner, stage)]
                return True
        return False

    def made(self, plan: Plan) -> Counter[str]:
        """Return the names of the nodes that the last stage of a plan made."""
        names = names_of(plan.nodes, plan.edges, self.catalog)
        return Counter(names[id_] for id_ in plan.stages[-1].nodes)


def retold(said: Sequence[Said], pieces: Sequence[Piece]) -> str:
    """Return the line with pieces changed in their values: as it was told, stage by stage. Raises: Unsayable."""
    stages: list[Stage] = []
    for before, piece in zip(said, pieces, strict=True):
        if piece is before.piece:
            stages.append(before.stage)
            continue
        named = _named(said, links_in(piece, before.manner))
        assert named is not None  # it was told with all its links
        stages.append(replace(write_stage(piece, before.manner, named[1]), name=before.stage.name))
    return print_tree(Pipeline(tuple(stages)))


def _named(said: Sequence[Said], ends: Sequence[End]) -> tuple[list[Said], dict[End, tuple[str, str | None]]] | None:
    """Return the stages with names for those that give some outputs, and how these are referred to."""
    stages, given = [*said], {}
    for end in ends:
        index = next((i for i, each in enumerate(said) if end in each.piece.outputs), None)
        if index is None:
            return None
        piece, stage = said[index].piece, stages[index].stage
        name = stage.name or _free_name(stage.command.text, stages)
        stages[index] = replace(said[index], stage=replace(stage, name=name))
        primary = piece.spec.primary_output
        output = piece.outputs[end]
        given[end] = (name, None if primary is not None and primary.name == output else output)
    return stages, given


def _free_name(word: str, said: Sequence[Said]) -> str:
    """Return a name for a stage that no other has."""
    taken = {each.stage.name for each in said}
    number, name = 1, word
    while name in taken:
        number += 1
        name = f"{word}{number}"
    return name

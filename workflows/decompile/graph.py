"""Convert a graph to a line, each stage in the shortest notation that reproduces its nodes, and check the line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from invocations.frozen import frozen
from invocations.graph.graph import Graph
from invocations.language.errors import Refusal
from invocations.language.printer import print_tree
from invocations.language.source import Source
from invocations.language.tree import Pipeline, Stage
from workflows.planning.defaults import input_of
from workflows.planning.plan_line import Plan, plan_line

from .equivalence import Hashes, content_hashes, differences, equivalent
from .flatten import Catalog
from .segments import End, Segment, alternatives, groups
from .stage import STYLES, NoText, Style, links_in, named, write_stage

MAX_NODES = 200  # each node is planned together with all nodes before it, so the time is quadratic


@frozen
class Decompiled:
    """The line that reproduces a graph.

    line: the line, or "" if there is none
    missing: a note for each part of the graph that the line does not reproduce
    written: the stages of the line
    """

    line: str
    missing: tuple[str, ...] = ()
    written: tuple[WrittenStage, ...] = ()


@frozen
class WrittenStage:
    """A segment of the graph, the stage that reproduces it, and the notation (`Style`) of that stage."""

    segment: Segment
    style: Style
    stage: Stage


def decompile(graph: Graph, catalog: Catalog, defaults: Mapping[str, str] | None = None) -> Decompiled:
    """Return a line whose plan equals the given graph.

    defaults: the defaults that will be in effect when the line is planned
    """
    if len(graph) > MAX_NODES:
        return Decompiled("", (f"it has {len(graph)} nodes; at most {MAX_NODES} can be written as a line",))
    best = Decompiled("", ("it has no nodes",))
    for skip_added in (True, False):
        found = _GraphWriter(graph, catalog, defaults or {}).write_all(skip_added=skip_added)
        if not found.missing:
            return found
        best = found if not best.line else best
    return best


def rewrite(written: Sequence[WrittenStage], segments: Sequence[Segment]) -> str:
    """Return the line with the changed segments rewritten, each in the same notation as before. Raises: NoText."""
    stages: list[Stage] = []
    for before, segment in zip(written, segments, strict=True):
        if segment is before.segment:
            stages.append(before.stage)
            continue
        found = _named(written, links_in(segment, before.style))
        assert found is not None  # stages are in order, so all links lead to earlier ones
        stages.append(named(write_stage(segment, before.style, found[1]), segment.spec, before.stage.name))
    return print_tree(Pipeline(tuple(stages)))


def plan_alone(
    line: str, catalog: Catalog, defaults: Mapping[str, str] | None = None, *, is_part: bool = False
) -> Plan | None:
    """Plan a line without a session; return None if it is refused."""
    try:
        return plan_line(Source(None, line), catalog=catalog, defaults=defaults or {}, is_part=is_part)
    except Refusal:
        return None


def compare(graph: Graph, plan: Plan, catalog: Catalog) -> tuple[str, ...]:
    """Return how a plan differs from a graph, with or without its added `save` nodes; () if they are equal."""
    wanted = content_hashes(graph.nodes.values(), graph.edges, catalog)
    if equivalent(wanted, content_hashes(plan.nodes, plan.edges, catalog)):
        return ()
    nodes = {node.id: node for node in (*plan.nodes, *plan.additions.nodes)}
    found = content_hashes(nodes.values(), (*plan.edges, *plan.additions.edges), catalog)
    return () if equivalent(wanted, found) else differences(wanted, found, graph.nodes, nodes)


class _GraphWriter:
    """Writes a graph as a line, stage by stage."""

    def __init__(self, graph: Graph, catalog: Catalog, defaults: Mapping[str, str]) -> None:
        self.graph, self.catalog, self.defaults = graph, catalog, defaults
        self.wanted: Hashes = content_hashes(graph.nodes.values(), graph.edges, catalog)
        self.defaulted = frozenset(map(input_of, defaults))
        self.written: list[WrittenStage] = []

    def write_all(self, *, skip_added: bool) -> Decompiled:
        missing: list[str] = []
        for ids in groups(self.graph, skip_added=skip_added):
            if not any(self.write_group(group) for group in alternatives(self.graph, ids, self.catalog)):
                types = ", ".join(f"`{self.graph.nodes[id_].type}` ({id_})" for id_ in ids)
                missing.append(f"no stage can create {types}")
        line, written = self.line(), tuple(self.written)
        if missing or not written:
            return Decompiled(line, tuple(missing) or ("it has no nodes",), written)
        plan = plan_alone(line, self.catalog, self.defaults)
        if plan is None:
            self.name_results(line)
            line, written = self.line(), tuple(self.written)
            plan = plan_alone(line, self.catalog, self.defaults)
        return Decompiled(
            line,
            compare(self.graph, plan, self.catalog) if plan else ("the line written for the graph is invalid",),
            written,
        )

    def line(self) -> str:
        return print_tree(Pipeline(tuple(each.stage for each in self.written)))

    def name_results(self, line: str) -> None:
        """Name the stages whose results no later stage uses, which is required if a line has several results."""
        plan = plan_alone(line, self.catalog, self.defaults, is_part=True)
        for offer in plan.results[:-1] if plan is not None else ():
            each = self.written[offer.stage - 1]
            if each.stage.name is None:
                name = _free_name(each.stage.command.text, self.written)
                self.written[offer.stage - 1] = replace(each, stage=named(each.stage, each.segment.spec, name))

    def write_group(self, segments: Sequence[Segment]) -> bool:
        """Write all the given segments, or none of them; return True on success."""
        before = [*self.written]
        if all(self.write(segment) for segment in segments):
            return True
        self.written = before
        return False

    def write(self, segment: Segment) -> bool:
        """Write a segment in the first notation whose plan contains its nodes; return False if there is none."""
        wanted = Counter(self.wanted[id_] for id_ in segment.nodes)
        tried: set[Stage] = set()
        for style in STYLES:
            found = _named(self.written, links_in(segment, style))
            if found is None:
                return False
            written, references = found
            try:
                stage = write_stage(segment, style, references, self.defaulted)
            except NoText:
                continue
            if stage in tried:
                continue
            tried.add(stage)
            line = print_tree(Pipeline((*(each.stage for each in written), stage)))
            plan = plan_alone(line, self.catalog, self.defaults, is_part=True)
            if plan is not None and self.made(plan) == wanted:
                self.written = [*written, WrittenStage(segment, style, stage)]
                return True
        return False

    def made(self, plan: Plan) -> Counter[str]:
        """Return the hashes of the nodes made by the last stage of a plan."""
        hashes = content_hashes(plan.nodes, plan.edges, self.catalog)
        return Counter(hashes[id_] for id_ in plan.stages[-1].nodes)


def _named(
    written: Sequence[WrittenStage], ends: Sequence[End]
) -> tuple[list[WrittenStage], dict[End, tuple[str, str | None]]] | None:
    """Name the stages that have the given outputs; return all stages, and a reference to each of these outputs.

    Returns None if a stage is missing.
    """
    stages, references = [*written], {}
    for end in ends:
        index = next((i for i, each in enumerate(written) if end in each.segment.outputs), None)
        if index is None:
            return None
        segment, stage = written[index].segment, stages[index].stage
        name = stage.name or _free_name(stage.command.text, stages)
        stages[index] = replace(written[index], stage=named(stage, segment.spec, name))
        primary = segment.spec.primary_output
        output = segment.outputs[end]
        references[end] = (name, None if primary is not None and primary.name == output else output)
    return stages, references


def _free_name(command: str, written: Sequence[WrittenStage]) -> str:
    """Return an unused name for a stage."""
    taken = {each.stage.name for each in written}
    number, name = 1, command
    while name in taken:
        number += 1
        name = f"{command}{number}"
    return name

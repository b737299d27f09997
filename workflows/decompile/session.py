"""Convert the lines of sessions to script lines that recreate the same nodes with the same inputs.

Random seeds and the defaults that were in effect are written into the line. Inputs that a recipe does not expose are
`set` before the line and `unset` after it. Every line is checked by planning it as the script does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from invocations.graph.graph import Node
from invocations.language.errors import Refusal
from invocations.language.parser import parse
from invocations.language.printer import print_tree
from invocations.language.source import Source
from invocations.language.tree import Pipeline, Stage
from invocations.language.variables import uses
from invocations.sessions.session import SessionStage
from workflows.planning.defaults import input_of
from workflows.planning.plan import Additions
from workflows.planning.plan_line import Plan, plan_line
from workflows.planning.scope import Defaults, Scope
from workflows.planning.variables import Variables

from .equivalence import Difference, RecordedLine, input_differences
from .flatten import Catalog, ExposedInputs
from .rewrite import DOLLAR, ScriptedLine, escape_variables, renumber, script_text, with_input, with_recorded_names
from .segments import End, Segment, alternatives, is_added
from .stage import STYLES, NoText, named, text_of, write_stage

if TYPE_CHECKING:
    from invocations.sessions.session import Session

MAX_ROUNDS = 4  # maximum number of passes that write differing inputs: writing one may change another
SOURCE_NAME = "script"


class NotExpressible(Exception):
    """A line cannot be rewritten as a line that creates the same nodes."""


@dataclass(slots=True)
class SessionNames:
    """Converts a session's stage numbers, node ids and references to outputs to those of the script."""

    session: Session
    numbers: dict[int, int] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    references: dict[End, tuple[int, str | None]] = field(default_factory=dict)


class ScriptWriter:
    """Writes a script, line by line; the script recreates the same nodes whether or not `defaults` are in effect."""

    def __init__(self, catalog: Catalog, defaults: Defaults) -> None:
        self.catalog = catalog
        self.worlds = ({}, dict(defaults)) if defaults else ({},)
        self.scope = Scope()
        self.uses_dollar = False
        self._variables = Variables(own={DOLLAR: "$"})
        self._exposed = ExposedInputs(catalog)

    def write(
        self,
        names: SessionNames,
        text: str,
        nodes: Sequence[Node],
        stages: Sequence[SessionStage],
        *,
        piped: bool = False,
    ) -> tuple[str, ...]:
        """Add a line that recreates the given nodes; return it together with the lines that set and unset its defaults.

        text: the line as it was typed
        piped: whether its result went into a shell pipe; the new line saves its image instead
        Raises: NotExpressible.
        """
        line = RecordedLine(names.session, names.ids, text, tuple(nodes), tuple(stages), piped)
        for tree in self._trees(line, names):
            written = self._amended(tree, line)
            if written is not None:
                return self._accepted(written, line, names)
        return self._write_apart(line, names)

    def explains(self, line: RecordedLine) -> bool:
        """Return True if the typed text of a line recreates its nodes, apart from the random seeds that were picked."""
        plan = self._plan(line.text, {})
        found = None if plan is None else self._differences(plan, line)
        graph = line.session.graph
        return found is not None and all(name in graph.node_type(id_).seeds for _, id_, name in found)

    def _write_apart(self, line: RecordedLine, names: SessionNames) -> tuple[str, ...]:
        """Add a line with one stage for each recorded node; used if the line's commands no longer create these nodes.

        Raises: NotExpressible.
        """
        apart = replace(line, stages=_one_stage_per_node(line, self.catalog))
        tree = self._decompiled(apart, names)
        written = self._amended(tree, apart) if tree is not None else None
        if written is None:
            raise NotExpressible
        lines = self._accepted(written, apart, names)
        for stage in line.stages:
            ends = [stage.primary] if stage.primary else list(stage.outputs.values())
            numbers = [names.references[end][0] for end in ends if end in names.references]
            if numbers:
                names.numbers[stage.number] = numbers[0]
        return lines

    def _trees(self, line: RecordedLine, names: SessionNames) -> Iterator[Pipeline]:
        """Yield candidates for a line: as typed, with its leading `|` added or removed, and built from its nodes.

        A line after a shell pipe was typed without the leading `|` that the script needs.
        """
        first = line.stages[0].number if line.stages else 1
        try:
            typed = parse(Source(None, line.text))
        except Refusal:
            pass
        else:
            typed = with_recorded_names(typed, line.stages, self.catalog)
            tree = renumber(typed, first, self.scope.next_number, names.numbers)
            yield tree
            yield replace(tree, continues=not tree.continues)
        decompiled = self._decompiled(line, names)
        if decompiled is not None:
            yield decompiled

    def _amended(self, tree: Pipeline, line: RecordedLine) -> ScriptedLine | None:
        """Write all inputs that differ between a line's plan and the record; return None if the plan still differs."""
        sets: dict[str, str] = {}
        for _ in range(MAX_ROUNDS):
            written = script_text(tree, line.text)
            for world in self.worlds:
                plan = self._plan(written, {**world, **sets})
                found = None if plan is None else self._differences(plan, line)
                if found is None:
                    return None
                if found:
                    before = (tree, dict(sets))
                    tree = self._with(tree, found, line, sets)
                    if (tree, sets) == before:
                        return None
                    break
            else:
                return ScriptedLine(written, sets)
        return None

    def _plan(self, text: str, world: Defaults, *, is_part: bool = False) -> Plan | None:
        fill = self._variables.fill if any(uses(text)) else None
        try:
            return plan_line(
                Source(SOURCE_NAME, text),
                catalog=self.catalog,
                scope=self.scope,
                defaults=world,
                fill=fill,
                is_part=is_part,
            )
        except Refusal:
            return None

    def _with(self, tree: Pipeline, found: Sequence[Difference], line: RecordedLine, sets: dict[str, str]) -> Pipeline:
        """Return a tree with the given inputs written; inputs that no stage exposes are added to `sets` instead."""
        stages = list(tree.stages)
        graph = line.session.graph
        for place, id_, name in found:
            spec, node = self.catalog[stages[place].command.text], graph.nodes[id_]
            segment = self._segment(line, place)
            field = self._exposed.field(spec, graph, id_, name) if segment is not None else None
            with suppress(NoText):
                if segment is not None and field is not None:
                    value = segment.values.get(field.name, field.default)
                    stages[place] = with_input(stages[place], spec, field, value)
                elif (inner := self.catalog[node.type].input(name)) is not None:
                    sets[f"{node.type}.{name}"] = text_of(inner, node.inputs.get(name, inner.default))
        return replace(tree, stages=tuple(stages))

    def _segment(self, line: RecordedLine, place: int) -> Segment | None:
        """Return the segment that a stage of the line has to express, or None if its command cannot."""
        if place >= len(line.stages):
            return None
        stage = line.stages[place]
        ways = alternatives(line.session.graph, list(stage.nodes), self.catalog)
        return next((way[0] for way in ways if len(way) == 1 and way[0].spec.type == stage.command), None)

    def _decompiled(self, line: RecordedLine, names: SessionNames) -> Pipeline | None:
        """Build a line from its nodes alone, ignoring the typed text; write each stage in the shortest notation."""
        written: list[Stage] = []
        also = {input_of(key) for world in self.worlds for key in world}
        references = dict(names.references)
        for place, stage in enumerate(line.stages):
            segment = self._segment(line, place)
            if segment is None:
                return None
            own = self._stage(line, place, segment, written, also=also, references=references)
            if own is None:
                return None
            written.append(own)
            references.update(_references(stage, self.scope.next_number + place))
        return Pipeline(tuple(written)) if written else None

    def _stage(
        self,
        line: RecordedLine,
        place: int,
        segment: Segment,
        before: Sequence[Stage],
        *,
        also: set[str],
        references: Mapping[End, tuple[int, str | None]],
    ) -> Stage | None:
        nodes = [node for stage in line.stages[: place + 1] for node in stage.nodes]
        graph = line.session.graph
        part = replace(line, nodes=tuple(graph.nodes[id_] for id_ in nodes), stages=line.stages[: place + 1])
        close: Stage | None = None  # the first stage that differs only in inputs, which can be set afterward
        for style in STYLES:
            try:
                stage = write_stage(segment, style, references, also)
            except (NoText, KeyError):
                continue
            stage = named(stage, segment.spec, line.stages[place].name)
            plan = self._plan(print_tree(escape_variables(Pipeline((*before, stage)))), {}, is_part=True)
            found = None if plan is None else self._differences(plan, part, whole=False)
            if found == []:
                return stage
            close = close or (stage if found else None)
        return close

    def _differences(self, plan: Plan, line: RecordedLine, *, whole: bool = True) -> list[Difference] | None:
        added = plan.additions if whole and not line.piped else Additions((), (), ())
        return input_differences(plan, added, line, self.catalog)

    def _accepted(self, written: ScriptedLine, line: RecordedLine, names: SessionNames) -> tuple[str, ...]:
        """Add a line to the script; return it together with the lines that set and unset its defaults."""
        plan = self._plan(written.text, written.sets)
        assert plan is not None
        made = (*plan.nodes, *plan.additions.nodes)
        names.ids.update({old.id: new.id for old, new in zip(line.nodes, made, strict=not line.piped)})
        for old, new in zip(line.stages, plan.stages, strict=True):
            names.numbers[old.number] = new.number
            names.references.update(_references(old, new.number))
        self.scope.add(plan.stage_outputs)
        lines = written.lines()
        self.uses_dollar = self.uses_dollar or any(f"${{{DOLLAR}}}" in text for text in lines)
        return lines


def _references(stage: SessionStage, number: int) -> dict[End, tuple[int, str | None]]:
    """Return references to the outputs of the stage with this number in the script."""
    return {end: (number, None if end == stage.primary else name) for name, end in stage.outputs.items()}


def _one_stage_per_node(line: RecordedLine, catalog: Catalog) -> tuple[SessionStage, ...]:
    """Return one stage for each node; the node with the primary output of a named stage keeps that name.

    The stages have negative numbers, so that no reference matches them by accident.
    """
    names = {stage.primary[0]: stage.name for stage in line.stages if stage.primary is not None}
    nodes = [node for node in line.nodes if not is_added(node)]
    return tuple(_lone_stage(node, place, names.get(node.id), catalog) for place, node in enumerate(nodes, 1))


def _lone_stage(node: Node, place: int, name: str | None, catalog: Catalog) -> SessionStage:
    spec = catalog[node.type]
    primary = (node.id, spec.primary_output.name) if spec.primary_output is not None else None
    outputs = {output.name: (node.id, output.name) for output in spec.outputs}
    return SessionStage(-place, node.type, name, 0, (node.id,), outputs, primary)

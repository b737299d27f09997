"""Lines of sessions told again, one after the other, as a script: each makes the nodes it made, with the same inputs.

What was drawn or set when a line ran is written into it; what a recipe does not let be written is set before it and
unset behind it. Every line is checked by planning it as the script will be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from dataclasses import field as part_of
from typing import TYPE_CHECKING

from invocations.graph.graph import Node
from invocations.language.errors import Refusal
from invocations.language.parser import parse
from invocations.language.printer import print_tree
from invocations.language.source import Source
from invocations.language.tree import Pipeline
from invocations.language.tree import Stage as Said
from workflows.planning.autosave import Leaving, leave
from workflows.planning.plan_line import Plan, plan_line
from workflows.planning.scope import Defaults, Scope
from workflows.planning.variables import USE, Variables

from .apart import apart_of
from .exposing import Exposing
from .lacking import Lacking, Line, lacking
from .rewrite import DOLLAR, renumbered, with_input, without_variables
from .scripted import Scripted, scripted
from .segments import Catalog, End, Piece, alternatives
from .stage import MANNERS, Unsayable, text_of, write_stage

if TYPE_CHECKING:
    from invocations.sessions.session import Session, SessionStage

ROUNDS = 4  # of writing out what a plan lacks: a value may make room for another
FILE = "script"


class Untold(Exception):
    """A line that cannot be written so that it makes the same nodes."""


@dataclass(slots=True)
class Telling:
    """One session whose lines are told: new numbers of its stages, new ids of its nodes, how its outputs are named."""

    session: Session
    numbers: dict[int, int] = part_of(default_factory=dict)
    ids: dict[str, str] = part_of(default_factory=dict)
    given: dict[End, tuple[int, str | None]] = part_of(default_factory=dict)


class Teller:
    """A script that grows by lines; `defaults` are those that may hold where it will be run, besides none at all."""

    def __init__(self, catalog: Catalog, defaults: Defaults) -> None:
        self.catalog = catalog
        self.worlds = ({}, dict(defaults)) if defaults else ({},)
        self.scope = Scope()
        self.uses_dollar = False
        self._variables = Variables(own={DOLLAR: "$"})
        self._exposing = Exposing(catalog)

    def tell(
        self, telling: Telling, text: str, nodes: Sequence[Node], stages: Sequence[SessionStage], *, piped: bool = False
    ) -> tuple[str, ...]:
        """Return the line that makes some nodes again, with what is set for it. Raises: Untold.

        piped: its result went into a pipe; the line, on its own, also saves its picture.
        """
        line = Line(telling.session, telling.ids, text, tuple(nodes), tuple(stages), piped)
        for tree in self._trees(line, telling):
            written = self._amended(tree, line)
            if written is not None:
                return self._accepted(written, line, telling)
        return self._tell_apart(line, telling)

    def _tell_apart(self, line: Line, telling: Telling) -> tuple[str, ...]:
        """Return a line with a stage for each node: what made them does not make them any more. Raises: Untold."""
        apart = replace(line, stages=apart_of(line, self.catalog))
        tree = self._told_anew(apart, telling)
        written = self._amended(tree, apart) if tree is not None else None
        if written is None:
            raise Untold
        lines = self._accepted(written, apart, telling)
        for stage in line.stages:
            ends = [stage.primary] if stage.primary else list(stage.outputs.values())
            numbers = [telling.given[end][0] for end in ends if end in telling.given]
            if numbers:
                telling.numbers[stage.number] = numbers[0]
        return lines

    def _trees(self, line: Line, telling: Telling) -> Iterator[Pipeline]:
        """Yield what the line may be: as it was typed, with the leading bar that a pipe stood for, told anew."""
        first = line.stages[0].number if line.stages else 1
        try:
            typed = parse(Source(None, line.text))
        except Refusal:
            pass
        else:
            tree = renumbered(typed, first, self.scope.next_number, telling.numbers)
            yield tree
            yield replace(tree, continues=not tree.continues)
        anew = self._told_anew(line, telling)
        if anew is not None:
            yield anew

    def _amended(self, tree: Pipeline, line: Line) -> Scripted | None:
        """Return a line with all written that its plan lacks to make the nodes; None where that is not enough."""
        sets: dict[str, str] = {}
        for _ in range(ROUNDS):
            written = scripted(tree, line.text)
            for world in self.worlds:
                plan = self._plan(written, {**world, **sets})
                found = None if plan is None else self._lacking(plan, line)
                if found is None:
                    return None
                if found:
                    before = (tree, dict(sets))
                    tree = self._with(tree, found, line, sets)
                    if (tree, sets) == before:
                        return None
                    break
            else:
                return Scripted(written, sets)
        return None

    def _plan(self, text: str, world: Defaults) -> Plan | None:
        fill = self._variables.fill if USE.search(text) else None
        try:
            return plan_line(Source(FILE, text), catalog=self.catalog, scope=self.scope, defaults=world, fill=fill)
        except Refusal:
            return None

    def _with(self, tree: Pipeline, found: Sequence[Lacking], line: Line, sets: dict[str, str]) -> Pipeline:
        """Return a tree with inputs written; what no input of a stage says goes into the defaults to be set."""
        stages = list(tree.stages)
        graph = line.session.graph
        for place, id_, name in found:
            spec, node = self.catalog[stages[place].command.text], graph.nodes[id_]
            piece = self._piece(line, place)
            field = self._exposing.field(spec, graph, id_, name) if piece is not None else None
            with suppress(Unsayable):
                if piece is not None and field is not None:
                    value = piece.values.get(field.name, field.default)
                    stages[place] = with_input(stages[place], spec, field, value)
                elif (inner := self.catalog[node.type].input(name)) is not None:
                    sets[f"{node.type}.{name}"] = text_of(inner, node.inputs.get(name, inner.default))
        return replace(tree, stages=tuple(stages))

    def _piece(self, line: Line, place: int) -> Piece | None:
        """Return what a stage of the line is to say."""
        if place >= len(line.stages):
            return None
        stage = line.stages[place]
        ways = alternatives(line.session.graph, list(stage.nodes), self.catalog)
        return next((way[0] for way in ways if len(way) == 1 and way[0].spec.type == stage.command), None)

    def _told_anew(self, line: Line, telling: Telling) -> Pipeline | None:
        """Return a line made of nothing but its nodes, each stage in the shortest manner that makes them."""
        said: list[Said] = []
        also = {key.rpartition(".")[2] for world in self.worlds for key in world}
        given = dict(telling.given)
        for place, stage in enumerate(line.stages):
            piece = self._piece(line, place)
            if piece is None:
                return None
            own = self._stage(line, place, piece, said, also=also, given=given)
            if own is None:
                return None
            said.append(own)
            given.update(_given(stage, self.scope.next_number + place))
        return Pipeline(tuple(said)) if said else None

    def _stage(
        self,
        line: Line,
        place: int,
        piece: Piece,
        before: Sequence[Said],
        *,
        also: set[str],
        given: Mapping[End, tuple[int, str | None]],
    ) -> Said | None:
        nodes = [node for stage in line.stages[: place + 1] for node in stage.nodes]
        graph = line.session.graph
        part = replace(line, nodes=tuple(graph.nodes[id_] for id_ in nodes), stages=line.stages[: place + 1])
        nearly: Said | None = None  # what is still otherwise will be set
        for manner in MANNERS:
            try:
                stage = write_stage(piece, manner, given, also)
            except (Unsayable, KeyError):
                continue
            stage = replace(stage, name=line.stages[place].name)
            plan = self._plan(print_tree(without_variables(Pipeline((*before, stage)))), {})
            found = None if plan is None else self._lacking(plan, part, whole=False)
            if found == []:
                return stage
            nearly = nearly or (stage if found else None)
        return nearly

    def _lacking(self, plan: Plan, line: Line, *, whole: bool = True) -> list[Lacking] | None:
        added = leave(plan, self.catalog) if whole and not line.piped else Leaving((), (), ())
        return lacking(plan, added, line, self.catalog)

    def _accepted(self, written: Scripted, line: Line, telling: Telling) -> tuple[str, ...]:
        """Take a line into the script."""
        plan = self._plan(written.text, written.sets)
        assert plan is not None
        made = (*plan.nodes, *leave(plan, self.catalog).nodes)
        telling.ids.update({old.id: new.id for old, new in zip(line.nodes, made, strict=not line.piped)})
        for old, new in zip(line.stages, plan.stages, strict=True):
            telling.numbers[old.number] = new.number
            telling.given.update(_given(old, new.number))
        self.scope.add(plan.placed)
        lines = written.lines()
        self.uses_dollar = self.uses_dollar or any(f"${{{DOLLAR}}}" in text for text in lines)
        return lines


def _given(stage: SessionStage, number: int) -> dict[End, tuple[int, str | None]]:
    """Return how the outputs of a stage are referred to once it has a number."""
    return {end: (number, None if end == stage.primary else name) for name, end in stage.outputs.items()}

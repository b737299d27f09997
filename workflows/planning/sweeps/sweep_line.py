"""Plan a `sweep` stage: its names become axes, whose items later stages receive by name. There is no `sweep` node."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from invocations.graph.axes import CELLS, JOINED, SIZES
from invocations.graph.linking import Loop, Offer
from invocations.language.declarations import read_declarations
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.language.tree import Reference, Stage, Word
from workflows.planning.build import GraphBuilder
from workflows.planning.draft import MOST_ITEMS, Content, Several
from workflows.planning.errors import PlanningError, planning_error
from workflows.planning.foresight import FactSource
from workflows.planning.lookup import Check, objections
from workflows.planning.plan import PlannedStage
from workflows.planning.scope import Chain, KnownResults, StageOutputs
from workflows.values.codecs import ExternalValue, is_pattern

from .axes import ZippedValues
from .bare_words import notes_on
from .declared import Written, declared, draft_of, guessed, in_its_stage
from .expand import Parts, expand
from .limits import too_large
from .nodes import add_axis, add_zipped
from .select import Selection, count_of, grouped
from .swept_inputs import field_of
from .table_axis import columns_of, refused_values

MOST_CELLS = 10_000  # with more combinations, the items that are kept are shown in a list without empty cells
Values = Mapping[str, Sequence[Any]]


class SweepPlanner(Protocol):
    """What planning a `sweep` stage needs from the planner of the line.

    following: the stages after the `sweep` stage
    most_items: how many items a sweep may have
    stages: the stages before the `sweep` stage
    commands: the place of each node's command
    drawn: the values that were drawn for each word such as `4x`, as text, by the place of the word
    lost: True once a stage could not be planned
    """

    builder: GraphBuilder
    check: Check | None
    facts: FactSource | None
    following: Sequence[Stage]
    most_items: int
    stages: list[PlannedStage]
    chain: Chain
    errors: list[LanguageError]
    commands: dict[str, Span]
    drawn: dict[Span, str]
    lost: bool

    @property
    def begins(self) -> bool: ...
    def known(self) -> KnownResults | None: ...


def plan_sweep(planner: SweepPlanner, stage: Stage, number: int) -> PlannedStage:
    """Add the axes of a `sweep` stage to a line; return the stage with an output for each name.

    Errors are added to `planner.errors`.
    """
    start, planner.builder.command = len(planner.builder.nodes), stage.command.text
    planning = _Planning(stage, planner.builder, number)
    offers: Sequence[Offer] = ()
    try:
        refuse_place(stage, planner)
        offers = planning.offers(planner.following, planner.facts, planner.most_items, planner.check)
    except PlanningError as refused:
        planning.errors.append(refused.error)
    offers = offers or planning.declared(planner.following)  # later stages are planned as if there were no error
    planner.errors += planning.errors
    planner.lost = planner.lost or bool(planning.errors)
    planner.drawn |= planning.draft.drawn
    made = tuple(node.id for node in planner.builder.nodes[start:])
    planner.commands |= dict.fromkeys(made, stage.command.span)
    chain, known = planner.chain, planner.known
    placed = StageOutputs(number, stage.command.text, stage.name, tuple(offers), None, chain, known=known)
    return PlannedStage(placed, made, False, stage.span, notes=tuple(planning.notes))


def refuse_place(stage: Stage, planner: SweepPlanner) -> None:
    """Refuse `sweep` unless it begins a line that has more stages. Raises: PlanningError."""
    if not planner.begins or planner.stages:
        message, hint = "`sweep` must be the first stage of a line", _instead(stage, planner)
        raise planning_error("surplus_word", message, stage.command.span, hint)
    if not planner.following and stage.arguments:
        message = "no stage follows `sweep`, so nothing uses its values"
        words = [value for each in stage.arguments if isinstance(value := each.value, Word) and not value.quote]
        command = next((word.text for word in words if word.text in planner.builder.catalog), None)
        hint = f"write `|` before `{command}`" if command else "write for example `sweep seed=1..4 | t2i a fox`"
        raise planning_error("unused_value", message, stage.command.span, hint)


def _instead(stage: Stage, planner: SweepPlanner) -> str:
    """Return the hint for a misplaced `sweep`, which may be meant to use the results of earlier stages."""
    for each in read_declarations(stage)[0].declarations:
        reference = next((value for value in each.values if isinstance(value, Reference)), None)
        if reference is not None:
            found = in_its_stage(each.name, reference, planner.following, planner.builder.catalog)
            return f"it takes no references; {found}"
    is_second = bool(planner.stages) and planner.stages[0].command == stage.command.text
    return "add its names to the first `sweep`" if is_second else "write it before the first `|`"


class _Planning:
    """The planning of one `sweep` stage."""

    def __init__(self, stage: Stage, builder: GraphBuilder, number: int) -> None:
        self.stage, self.builder, self.number = stage, builder, number
        self.sweep, errors = read_declarations(stage)
        self.errors = [*errors]
        self.notes: list[str] = []
        self.unused: tuple[str, ...] = ()  # columns of the table that no stage uses
        self.names: dict[str, Written] = {}
        self.draft = draft_of(stage, {})
        self.table: tuple[str, ...] = ()  # the names that are columns of a table

    def offers(
        self, following: Sequence[Stage], facts: FactSource | None, most: int, check: Check | None
    ) -> Sequence[Offer]:
        """Add the axes; return an output for each name, or () if there are errors. Raises: PlanningError."""
        if self.errors:
            return ()
        self.read(following, facts)
        return self.place(most, check) if not self.errors else ()

    def declared(self, following: Sequence[Stage]) -> list[Offer]:
        """Return an output for each name, as if all values came from a single node."""
        fields = {each.name: each.field for each in self.names.values()}
        for name in {each.name for each in self.sweep.declarations} - {*fields}:
            fields[name] = field_of(name, following, self.builder.catalog) or guessed(name, [])
        number, place = self.number, (self.number, 0)
        return [
            Offer(number, name, field.type, str(number), name, (Loop(f"{number}.{name}", name, place, [None]),))
            for name, field in fields.items()
        ]

    def read(self, following: Sequence[Stage], facts: FactSource | None) -> None:
        """Read the names and their values. Raises: PlanningError."""
        if self.sweep.table is not None:
            found, unused = columns_of(self.sweep.table, following, self.builder.catalog, facts, self.sweep)
            self.unused, self.notes = tuple(unused), [*unused.values()]
            self.names |= found
            self.table = tuple(found)
        for declaration in self.sweep.declarations:
            try:
                each = declared(declaration, following, self.builder.catalog)
            except PlanningError as refused:
                self.errors.append(refused.error)
                continue
            if each.name in self.names:
                message = f"`{each.name}` is a column of the table"
                self.errors.append(LanguageError("written_twice", message, declaration.name_span, "rename one of them"))
            self.names[each.name] = each
            self.notes += notes_on(each.name, each.field, declaration.values)
        self.draft = draft_of(self.stage, self.names)

    def place(self, most: int, check: Check | None) -> list[Offer]:
        """Add the axes; return an output for each name. Raises: PlanningError."""
        parts = {name: Parts(self.draft, name) for name in self.names}
        self.errors += [error for each in parts.values() for error in each.errors()]
        if self.errors:
            return []
        counts = {name: each.count for name, each in parts.items()}
        groups = self._groups(counts)
        selection = Selection(self.sweep, groups, [count_of(group, counts) for group in groups])
        expression = selection.expression(list(self.names))
        self._check_size(selection, most)
        self.errors += expand(self.draft, sys.maxsize, self.builder.salt) or (
            *refused_values(self.names, self.draft, list(objections(self.draft, check)), check),
            *self._patterns(),
        )
        if self.errors:
            return []
        values = {name: self.draft.contents[name].value.values for name in self.names}
        kept = selection.positions(expression, {name: [_plain(each) for each in values[name]] for name in values})
        return self._axes(selection, kept, values)

    def _patterns(self) -> Iterator[LanguageError]:
        """Yield an error for each file pattern among the values: every value must name a single file."""
        for name, content in self.draft.contents.items():
            for value, span in zip(content.value.values, content.value.items, strict=True):
                if isinstance(value, ExternalValue) and is_pattern(value.text, self.builder.is_file):
                    message = f"`{value.text}` is a pattern, but each value of `{name}` is one file"
                    hint = f"write the pattern in the stage that uses it, or list the files: {name}=a.png,b.png"
                    yield LanguageError("list_into_scalar", message, span, hint)

    def _groups(self, counts: Mapping[str, int]) -> Sequence[tuple[str, ...]]:
        free = [name for name in self.names if name not in self.table]
        groups = grouped(self.sweep, free, counts) if free or self.sweep.zips else []
        return [self.table, *groups] if self.table else groups

    def _check_size(self, selection: Selection, most: int) -> None:
        """Refuse a sweep with too many items. Raises: PlanningError."""
        sizes, sweep = selection.sizes, self.sweep
        span = self.stage.command.span
        if max(sizes) > MOST_ITEMS:
            name = selection.groups[sizes.index(max(sizes))][0]
            message = f"`{name}` has {max(sizes)} values, but at most {MOST_ITEMS} are possible"
            hint = "write fewer values; 1..1000000?20 draws 20 numbers from a range"
            raise planning_error("sweep_too_large", message, span, hint)
        few = min(sweep.sample or sys.maxsize, sweep.limit or sys.maxsize) if sweep.where is None else sys.maxsize
        if min(selection.total, few) > most:
            written = f"{' x '.join(map(str, sizes))} = " if len(sizes) > 1 else ""
            fewer, count = "write fewer values, or add `--sample 100`", min(selection.total, few)
            raise PlanningError(too_large(f"{written}{selection.total}", count, most, span, fewer))

    def _axes(self, selection: Selection, kept: Sequence[int], values: Values) -> list[Offer]:
        """Add the axes, or, if some combinations are left out, a single axis of the kept items; return the items."""
        if selection.is_whole(kept):
            every = zip(selection.groups, selection.sizes, strict=True)
            return [offer for group, size in every for offer in self._axis(group, range(size), values)]
        if len(selection.groups) == 1:
            return self._axis(selection.groups[0], kept, values)
        items = [selection.item(selection.indices(position), values) for position in kept]
        names = [name for group in selection.groups for name in group]
        columns = {name: [item[name] for item in items] for name in names}
        cells = {SIZES: [*selection.sizes], CELLS: [*kept]}
        if selection.total > MOST_CELLS:
            return self._axis(names, range(len(items)), columns, cells)
        groups = zip(selection.groups, selection.sizes, strict=True)
        parts = tuple((JOINED.join(group), _labeled(group, range(size), values)) for group, size in groups)
        gone = sorted({*range(selection.total)} - {*kept})
        return self._axis(names, range(len(items)), columns, cells, parts=parts, left_out=gone)

    def _axis(
        self,
        names: Sequence[str],
        kept: Sequence[int],
        values: Values,
        cells: Mapping[str, list[int]] | None = None,
        **shape: Any,
    ) -> list[Offer]:
        """Add an axis from the given values of one name, or of several names; return an output for each name.

        cells: inputs of the loop with the place of each item among all combinations
        """
        prefix, stage = str(self.number), self.number
        columns = []
        for name in names:
            several = Several((), [values[name][index] for index in kept])
            origin = self.draft.contents[name].origin
            columns.append((self.names[name].field, Content(several, origin, self.names[name].span)))
        if len(names) > 1:
            zipped = add_zipped(columns, self.builder, prefix, stage=stage, cells=cells, **shape)
            made = [content.value for content in zipped]
        else:
            made = [add_axis(self.builder, *columns[0], prefix, stage=stage)]
        unused = self.unused if set(self.table) & set(names) else ()
        loops = tuple(replace(loop, unused=unused) for loop in made[0].loops)
        return [replace(offer, name=name, stage=stage, loops=loops) for name, offer in zip(names, made, strict=True)]


def _labeled(names: Sequence[str], kept: Sequence[int], values: Values) -> list[Any]:
    """Return the items of one axis: the values of a name, or those of several names that advance together."""
    rows = [[values[name][index] for name in names] for index in kept]
    return [ZippedValues(names, row) if len(names) > 1 else row[0] for row in rows]


def _plain(value: Any) -> Any:
    return value.text if isinstance(value, ExternalValue) else value

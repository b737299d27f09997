"""Plan a whole script before anything runs, to find all errors, the number of images and the models it needs.

A line with errors keeps its place in the script. Lines that continue it or refer to it are not checked, because they
may be valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from invocations.catalog.roles import roles_of
from invocations.frozen import frozen
from invocations.language.errors import Refusal
from invocations.language.parser import read
from invocations.language.tree import Option, Pipeline, Positional, Reference
from workflows.memory import Memory
from workflows.planning.planned_files import PlannedFiles
from workflows.planning.scope import Chain, IsUsed, StageOutputs, unused
from workflows.problems import ApplicationError, Problem, UsageError, at_line, describe
from workflows.reserved import STANDARD_INPUT

from .later_names import LaterNames, NameUse, uses_of
from .options import RunOptions
from .source import from_file, from_text, level_note, text_of
from .statements import apply_statement, as_directive
from .unneeded_saves import without_unneeded_saves

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from invocations.language.script import Statement
    from invocations.language.source import Source
    from invocations.spec import InvocationSpec
    from workflows.planning.plan import Additions, Plan
    from workflows.workspace import Workspace

    from .trial import Trial

ScriptChain = tuple[str, ...]  # the names of the scripts being read, the outermost first

USUAL = RunOptions()


@frozen
class ScriptLine:
    """A line of a script, as planned.

    number: the number of the line in the outermost script
    plan: None if the line is a directive or has been refused
    placed: the stages that the line adds to the scope
    added: the nodes that save its images
    nodes: the ids of all its nodes
    images: how many images it saves
    refused: whether the line has errors and cannot run
    saving: the line as 0.1.0 planned it, with a `save` for each image that later lines use; None if it is the same
    """

    source: Source
    number: int
    plan: Plan | None = None
    placed: tuple[StageOutputs, ...] = ()
    added: Additions | None = None
    nodes: tuple[str, ...] = ()
    images: int = 0
    loops: bool = False  # the number of images is known only when the line runs
    refused: bool = False
    is_used: IsUsed = field(default=unused, compare=False, repr=False)
    saving: ScriptLine | None = field(default=None, compare=False, repr=False)

    def with_plan(self, plan: Plan, catalog: Mapping[str, InvocationSpec]) -> ScriptLine:
        """Return a copy of the line with the given plan and with the nodes and number of images of that plan."""
        every = (*plan.nodes, *plan.additions.nodes)
        roles = [roles_of(catalog, node.type) for node in every]
        return replace(
            self,
            plan=plan,
            added=plan.additions,
            nodes=tuple(node.id for node in every),
            images=sum("saves" in each for each in roles),
            loops=any("spreads" in each for each in roles),
        )

    @property
    def is_directive(self) -> bool:
        """Whether the line is a directive rather than a pipeline."""
        return self.plan is None and not self.refused


@dataclass(slots=True)
class ScriptPlan:
    """A planned script: its lines, all errors, its notes, and its trial, if any."""

    lines: list[ScriptLine] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    trial: Trial | None = None

    @property
    def images(self) -> int:
        """How many images the script saves."""
        return sum(line.images for line in self.lines)

    @property
    def line_count(self) -> int:
        """How many lines are pipelines, including those with errors."""
        return sum(not line.is_directive for line in self.lines)


Apply = Callable[[Sequence[str], Memory, ScriptPlan], None]


def plan_script(
    workspace: Workspace,
    statements: Iterable[Statement],
    name: str,
    *,
    check: Callable[[Plan], None] = lambda plan: None,
    apply: Apply = lambda *_: None,
    options: RunOptions = USUAL,
    trial: Trial | None = None,
) -> ScriptPlan:
    """Return the plan of a script, without side effects. Raises: ConfigError, ScriptMissing.

    check: called with the plan of each line; raises an error if the application refuses the line
    apply: called with the words of each directive; changes what later lines are planned with
    trial: changes the lines for a trial run, if there is one
    options: how the script will run; files that an earlier run may have written cause no error
    """
    planner = _Planner(workspace, check, apply, trial, options, name)
    planner.script_file(statements, (name,), None)
    if not options.save_all:
        planner.leave_out_saves()
    if trial is not None and not planner.script.errors:
        trial.check(workspace.catalog)
    return planner.script


class _Planner:
    """Plans a script, line by line."""

    def __init__(
        self,
        workspace: Workspace,
        check: Callable[[Plan], None],
        apply: Apply,
        trial: Trial | None,
        options: RunOptions,
        name: str,
    ) -> None:
        self.workspace, self.check, self.apply, self.trial = workspace, check, apply, trial
        self.options, self.name = options, name
        self.may_exist = options.resume or options.next_only or options.skip_existing
        self.memory = workspace.fork()
        self.memory.files = self.files = PlannedFiles()
        self.memory.adjust = trial.adjust if trial is not None else None
        self.script = ScriptPlan(trial=trial)
        self.lost: set[int | str] = set()  # numbers and names of the stages in lines with errors
        self.template_checked = False

    def script_file(
        self, statements: Iterable[Statement], chain: ScriptChain, number: int | None, outer: IsUsed = unused
    ) -> None:
        lines = tuple(statements)
        names = LaterNames(lines, lambda statement: self.inner_uses(statement, chain), outer)
        for place, statement in enumerate(lines):
            self.memory.is_used = names.after(place)
            top = statement.line if number is None else number
            try:
                directive = as_directive(statement.source, self.workspace.reserved, self.memory.variables.filled)
                if directive is None:
                    self.pipeline(statement.source, top)
                elif directive[0][0] == "run" and directive[0][1:2] != [STANDARD_INPUT]:
                    self.inner(directive[0], chain, top, names.after(place))
                elif not self.directive(directive[0], statement.source, top):
                    return
            except Exception as error:
                self.refuse(error, statement.source, top)

    def inner(self, words: Sequence[str], chain: ScriptChain, top: int, outer: IsUsed) -> None:
        """Plan a script that this one runs. Raises: UsageError, if that script is already being read."""
        if len(words) != 2 or words[1].startswith("--"):
            raise UsageError("inside a script, `run` takes the name of a script and no options", "usage: run FILE")
        name = words[1]
        if name in chain:
            around = " -> ".join((*chain[chain.index(name) :], name))
            raise UsageError(
                f"`{name}` runs itself: {around}", "a script cannot run itself, not even through other scripts"
            )
        text = text_of(name, self.workspace.folder)
        if note := level_note(text, name):
            self.script.notes[note] = None
        self.script_file(from_text(text, name), (*chain, name), top, outer)

    def inner_uses(self, statement: Statement, chain: ScriptChain) -> list[NameUse] | None:
        """Return the names used by the script that `run` runs; [] for other directives, None for a pipeline."""
        found = as_directive(statement.source, self.workspace.reserved, self.memory.variables.filled)
        if found is None:
            return None
        name = found[0][1] if found[0][0] == "run" and len(found[0]) == 2 else STANDARD_INPUT
        if name == STANDARD_INPUT or name in chain:
            return []
        uses: list[NameUse] = []
        with suppress(ApplicationError, Refusal):  # the error is reported when the line is planned
            for each in from_file(name, self.workspace.folder):
                uses += uses_of(each, lambda inner: self.inner_uses(inner, (*chain, name)))
        return uses

    def directive(self, words: list[str], source: Source, top: int) -> bool:
        """Apply what a directive changes for later lines; return False if it ends the script. Raises: UsageError."""
        if words[0] == "run":
            hint = "`generator | invokeai -` runs lines as they arrive"
            raise UsageError("a script that is planned as a whole cannot read lines from standard input", hint)
        if not apply_statement(words, self.memory, self.workspace.catalog):
            return False
        self.apply(words, self.memory, self.script)
        self.script.lines.append(ScriptLine(source, top))
        return True

    def pipeline(self, source: Source, top: int) -> None:
        """Plan a pipeline. Raises: Refusal, UsageError, ConfigError."""
        if self.lost and self.needs_lost(read(source)[0]):
            self.lose(source, top)
            return
        self.files.may_exist = self.may_exist or top < self.options.first
        plan, catalog = self.workspace.plan(source, self.memory), self.workspace.catalog
        self.check(plan)
        plan = replace(plan, additions=self.adjusted(plan.additions))
        added = plan.additions  # counted even if the results may go into a shell pipe and are not saved
        if added.nodes and not self.template_checked:
            self.workspace.check_template()
            self.template_checked = True
        self.memory.scope.add(plan.stage_outputs)
        placed = tuple(self.memory.scope.by_number[stage.number] for stage in plan.stages)
        place = f"line {source.first_line}" + (f" of {source.name}" if source.name != self.name else "")
        self.files.add_all((*plan.nodes, *added.nodes), catalog, self.workspace.check_value.pattern, place)
        line = ScriptLine(source, top, placed=placed, is_used=self.memory.is_used)
        self.script.lines.append(line.with_plan(plan, catalog))

    def leave_out_saves(self) -> None:
        """Leave out the added `save` nodes of images that later lines use."""
        lines, catalog = self.script.lines, self.workspace.catalog
        for place, plan in enumerate(without_unneeded_saves([line.plan for line in lines], catalog, self.adjusted)):
            if plan is not None and plan is not lines[place].plan:
                lines[place] = replace(lines[place].with_plan(plan, catalog), saving=lines[place])

    def adjusted(self, added: Additions) -> Additions:
        """Return the nodes that save a line's images, redirected if this is a trial."""
        return added if self.trial is None else self.trial.additions(added, self.workspace.catalog)

    def needs_lost(self, pipeline: Pipeline) -> bool:
        """Return True if a line continues a line with errors, or refers to one of its stages."""
        scope = self.memory.scope
        if pipeline.continues and scope.last is not None and scope.last.number in self.lost:
            return True
        return any(name in self.lost for name in _references(pipeline, scope.next_number))

    def refuse(self, error: Exception, source: Source, top: int) -> None:
        """Record an error in a line; an unexpected exception is re-raised."""
        start = len(source.text) - len(source.text.lstrip())
        errors = [at_line(each, source, start) for each in describe(error)]
        if not errors:
            raise error
        self.script.errors += errors
        if as_directive(source, self.workspace.reserved) is None:
            self.lose(source, top)
        else:
            self.script.lines.append(ScriptLine(source, top, refused=True))

    def lose(self, source: Source, top: int) -> None:
        """Reserve numbers and names for the stages of a line that cannot run."""
        scope, stages = self.memory.scope, []
        for stage in read(source)[0].stages:
            stages.append(StageOutputs(scope.next_number, stage.command.text, stage.name, (), None, Chain()))
            scope.keep(stages[-1])
            self.lost |= {stages[-1].number, *([stage.name] if stage.name else [])}
        self.script.lines.append(ScriptLine(source, top, placed=tuple(stages), refused=True))


def models_of(plan: Plan, catalog: Mapping[str, InvocationSpec]) -> Iterator[str]:
    """Yield the names of the models in a plan."""
    types = {node.id: node.type for node in plan.nodes}
    for value in plan.values:
        spec = catalog.get(types.get(value.node, ""))
        field = spec.input(value.input) if spec else None
        if field is not None and field.completes == "model" and isinstance(value.value, str):
            yield value.value


def _references(pipeline: Pipeline, next_number: int) -> Iterator[int | str]:
    """Yield the stages that a line refers to, by number or name."""
    for stage in pipeline.stages:
        for argument in stage.arguments:
            value = argument.value if isinstance(argument, (Option, Positional)) else None
            if isinstance(value, Reference):
                name = value.name
                yield next_number + name if isinstance(name, int) and name < 0 else name

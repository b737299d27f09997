"""A whole script planned before anything runs: every line, every error, how many pictures, which models.

A line that was refused keeps its place, and lines that go on from it or name it are not judged: they may be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invocations.catalog.roles import roles_of
from invocations.language.parser import read
from invocations.language.tree import Option, Pipeline, Positional, Reference
from invokeai_cli.directives.reserved import RESERVED
from invokeai_cli.line import check_streams
from invokeai_cli.sources import STANDARD_INPUT, from_file
from workflows.planning.autosave import add_saves
from workflows.planning.scope import Chain, StageOutputs
from workflows.problems import Problem, UsageError, at_line, describe

from .statements import apply_statement, as_directive

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invocations.language.script import Statement
    from invocations.language.source import Source
    from invokeai_cli.shell import Shell
    from workflows.planning.plan import Additions
    from workflows.planning.plan_line import Plan

Chained = tuple[str, ...]  # the scripts that are being read, the outermost first


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a script as planned; `line` is its line in the outermost script, `refused` that it cannot run."""

    source: Source
    line: int
    plan: Plan | None = None  # None: a directive, or refused
    placed: tuple[StageOutputs, ...] = ()
    added: Additions | None = None
    nodes: tuple[str, ...] = ()
    pictures: int = 0
    refused: bool = False


@dataclass(slots=True)
class Script:
    """A script as planned."""

    steps: list[Step] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    models: dict[str, None] = field(default_factory=dict)

    @property
    def pictures(self) -> int:
        """Return how many nodes save a picture."""
        return sum(step.pictures for step in self.steps)

    @property
    def lines(self) -> int:
        """Return how many lines of nodes there are, refused ones too."""
        return sum(step.plan is not None or step.refused for step in self.steps)


def plan_script(shell: Shell, statements: Iterable[Statement], name: str) -> Script:
    """Return the plan of a script; nothing is changed. Raises: ConfigError, ScriptMissing."""
    planner = _Planner(shell)
    planner.script_file(statements, (name,), None)
    return planner.script


class _Planner:
    """A script being planned, line by line."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.state = shell.workspace.memory.fork()
        self.script = Script()
        self.lost: set[int | str] = set()  # numbers and names of stages in refused lines
        self.templated = False

    def script_file(self, statements: Iterable[Statement], chain: Chained, line: int | None) -> None:
        for statement in statements:
            top = statement.line if line is None else line
            try:
                directive = as_directive(statement.source, RESERVED, self.state.variables.filled)
                if directive is None:
                    self.pipeline(statement.source, top)
                elif directive[0][0] == "run" and directive[0][1:2] != [STANDARD_INPUT]:
                    self.inner(directive[0], chain, top)
                elif not self.directive(directive[0], statement.source, top):
                    return
            except Exception as error:
                self.refuse(error, statement.source, top)

    def inner(self, words: Sequence[str], chain: Chained, top: int) -> None:
        """Plan a script that is run by this one. Raises: UsageError, where it is run already."""
        if len(words) != 2 or words[1].startswith("--"):
            raise UsageError("inside a script `run` takes the name of a script and no option", "usage: run FILE")
        name = words[1]
        if name in chain:
            around = " -> ".join((*chain[chain.index(name) :], name))
            message = f"`{name}` is run from within itself: {around}"
            raise UsageError(message, "a script cannot run itself, also not through others")
        self.script_file(from_file(name, self.shell.environment.folder), (*chain, name), top)

    def directive(self, words: list[str], source: Source, top: int) -> bool:
        """Settle what a directive changes for the lines after it; tell whether there may be any. Raises: UsageError."""
        if words[0] == "run":
            hint = "generator | invokeai - runs lines as they come"
            raise UsageError("a script that is planned as a whole cannot read lines from standard input", hint)
        if not apply_statement(words, self.state, self.shell.workspace.catalog):
            return False
        self.script.steps.append(Step(source, top))
        return True

    def pipeline(self, source: Source, top: int) -> None:
        """Plan a line of nodes. Raises: Refusal, UsageError, ConfigError."""
        if self.lost and self.leans_on_lost(read(source)[0]):
            self.lose(source, top)
            return
        plan = self.shell.workspace.plan(source, self.state)
        check_streams(self.shell, plan)
        catalog = self.shell.workspace.catalog
        additions = add_saves(plan, catalog)
        if additions.nodes and not self.templated:
            self.shell.workspace.check_template()
            self.templated = True
        self.state.scope.add(plan.stage_outputs)
        stages = tuple(self.state.scope.by_number[stage.number] for stage in plan.stages)
        pictures = sum("saves" in roles_of(catalog, node.type) for node in (*plan.nodes, *additions.nodes))
        self.script.models |= dict.fromkeys(self.models(plan))
        nodes = tuple(node.id for node in (*plan.nodes, *additions.nodes))
        self.script.steps.append(Step(source, top, plan, stages, additions, nodes, pictures))

    def models(self, plan: Plan) -> Iterator[str]:
        """Yield the models that a plan names."""
        types = {node.id: node.type for node in plan.nodes}
        for value in plan.values:
            spec = self.shell.workspace.catalog.get(types.get(value.node, ""))
            wanted = spec.input(value.input) if spec else None
            if wanted is not None and wanted.completes == "model" and isinstance(value.value, str):
                yield value.value

    def leans_on_lost(self, pipeline: Pipeline) -> bool:
        """Tell whether a line goes on from a refused one or names a stage of it."""
        scope = self.state.scope
        if pipeline.continues and scope.last is not None and scope.last.number in self.lost:
            return True
        for stage in pipeline.stages:
            for argument in stage.arguments:
                value = argument.value if isinstance(argument, (Option, Positional)) else None
                if isinstance(value, Reference):
                    name = value.name
                    if isinstance(name, int) and name < 0:
                        name = scope.next_number + name
                    if name in self.lost:
                        return True
        return False

    def refuse(self, error: Exception, source: Source, top: int) -> None:
        """Keep what is wrong with a line; a bug goes through."""
        start = len(source.text) - len(source.text.lstrip())
        errors = [at_line(each, source, start) for each in describe(error)]
        if not errors:
            raise error
        self.script.errors += errors
        if as_directive(source, RESERVED) is None:
            self.lose(source, top)
        else:
            self.script.steps.append(Step(source, top, refused=True))

    def lose(self, source: Source, top: int) -> None:
        """Give the stages of a refused line their numbers and names."""
        scope, stages = self.state.scope, []
        for stage in read(source)[0].stages:
            stages.append(StageOutputs(scope.next_number, stage.command.text, stage.name, (), None, Chain()))
            scope.keep(stages[-1])
            self.lost |= {stages[-1].number, *([stage.name] if stage.name else [])}
        self.script.steps.append(Step(source, top, placed=tuple(stages), refused=True))

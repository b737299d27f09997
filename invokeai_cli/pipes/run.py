"""Run a line on the results from another process: once for each result, as soon as it arrives.

A complete line never reads standard input. A line that lacks an input continues from the stream as if it began with
`|`; a line that begins with a list command (`grid`, `collect`) runs once, on all results, when the stream ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from invocations.catalog.roles import first_argument, with_role
from invocations.frozen import frozen
from invocations.language.errors import Refusal
from invocations.language.parser import read
from invocations.language.printer import as_glued_word, print_tree
from invocations.language.source import Source
from invocations.language.tree import Option, Pipeline, Reference, Stage, Value, Word
from invokeai_cli import exit_status
from invokeai_cli.line import guarded, run_planned
from invokeai_cli.observer import show
from workflows.piped_result import ImportedResult, commit, import_result
from workflows.problems import Problem, describe
from workflows.record import BadStream, PipedRecord
from workflows.values.positions import list_of

from .read import Arrival, arrivals

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec
    from invokeai_cli.shell import Shell
    from workflows.planning.scope import Scope

NOTHING: Final = "standard input was empty"
UNMIXED_HINT: Final = "pipe in either values or results, not both"
REFERENCES_HINT: Final = "pipe in the results of another `invokeai`, or write the inputs in the line"


def run_stream(shell: Shell, source: Source, refusal: Refusal) -> int:
    """Run a line on everything that arrives and return the exit status; if nothing arrives, report `refusal`."""
    line = _StreamedLine(shell, source)
    received = failed = False
    shell.renderer.stream_started()
    try:
        for batch in line.batches(arrivals(shell.environment)):
            received = True
            if isinstance(batch, int):
                status = batch
                shell.renderer.upstream_ended(batch)
            else:
                status = guarded(shell, source, partial(line.run, batch))
            ends = isinstance(batch, int) or status in exit_status.STOPPED or not shell.config.keep_going
            if status and ends:
                return status
            failed = failed or status != exit_status.DONE
    except KeyboardInterrupt:  # the upstream process was interrupted too, and reports the interruption
        return exit_status.INTERRUPTED
    if not received:
        return show(shell, [replace(each, text=f"{each.text}\n  {NOTHING}") for each in describe(refusal)])
    return exit_status.LINES_FAILED if failed else exit_status.DONE


@frozen
class _Batch:
    """The input for one run of the line: one result, or all results if the line takes a list."""

    arrivals: tuple[Arrival, ...]
    gathered: bool


class _StreamedLine:
    """A line that runs on the results of a stream."""

    def __init__(self, shell: Shell, source: Source) -> None:
        self.shell = shell
        self.source = source
        self.pipeline: Pipeline = read(source)[0]

    @property
    def spec(self) -> InvocationSpec | None:
        """The first command of the line."""
        stages = self.pipeline.stages
        return self.shell.workspace.catalog.get(stages[0].command.text) if stages else None

    def batches(self, stream: Iterator[Arrival]) -> Iterator[_Batch | int]:
        """Yield the input for each run of the line, or the exit status of the upstream process if it failed."""
        gathered: list[Arrival] = []
        upstream = exit_status.DONE
        for arrival in stream:
            if isinstance(arrival.content, int):
                upstream = arrival.content or upstream
                if not upstream:
                    yield exit_status.DONE
            elif self.takes_all(arrival.content):
                if gathered and type(arrival.content) is not type(gathered[0].content):
                    raise BadStream(arrival.number, "plain values and results by reference are mixed", UNMIXED_HINT)
                gathered.append(arrival)
            else:
                yield _Batch((arrival,), gathered=False)
        if gathered and not upstream:
            yield _Batch(tuple(gathered), gathered=True)
        if upstream:
            yield upstream

    def takes_all(self, content: PipedRecord | str | int) -> bool:
        """Return True if the line begins with a list command that takes this content as an item of its list."""
        spec = self.spec
        primary = spec.primary_input if spec else None
        if spec is None or primary is None:
            return False
        if "gathers" in spec.roles:
            return True
        return primary.type.base == "list" and not (isinstance(content, PipedRecord) and self.is_list(content))

    def is_list(self, record: PipedRecord) -> bool:
        """Whether a result is itself a list."""
        fork = self.shell.workspace.memory.fork()
        return list_of(self.imported(fork.scope, record, 0).offer.type) is not None

    def imported(self, scope: Scope, record: PipedRecord, number: int) -> ImportedResult:
        """Add a result of another process to the end of a scope."""
        return import_result(self.shell.workspace, scope, record, number, store=self.shell.store)

    def run(self, batch: _Batch) -> int:
        """Run the line on one batch."""
        if isinstance(batch.arrivals[0].content, str):
            return self.run_on_values(batch)
        return self.run_on_records(batch)

    def run_on_values(self, batch: _Batch) -> int:
        """Run the line on plain values, as if they had been typed as its first input."""
        if self.spec is None or self.spec.primary_input is None:
            raise BadStream(batch.arrivals[0].number, "this line takes no plain values", REFERENCES_HINT)
        values = [_one_value(str(each.content)) for each in batch.arrivals]
        text = print_tree(self.with_values(values, gathered=batch.gathered, continues=False))
        try:
            plan = self.shell.workspace.plan(Source(None, text))
        except Refusal as refusal:
            number = batch.arrivals[0].number
            return show(self.shell, [_at(number, each) for each in describe(refusal)])
        return run_planned(self.shell, plan, replans=False)

    def run_on_records(self, batch: _Batch) -> int:
        """Run the line on results from another process, which are added to this session once the line is planned."""
        shell, state = self.shell, self.shell.workspace.memory.fork()
        imported = [
            self.imported(state.scope, each.content, each.number)
            for each in batch.arrivals
            if isinstance(each.content, PipedRecord)
        ]
        plan = shell.workspace.plan(Source(None, self.continuation(imported if batch.gathered else [])), state)
        for each in imported:
            commit(shell.workspace, each)
        shell.workspace.memory.scope = state.scope
        return run_planned(shell, plan, replans=False)

    def continuation(self, gathered: list[ImportedResult]) -> str:
        """Return the line with the last result as its input, or with all results as the list that it begins with."""
        if not gathered:
            return f"| {self.source.text.lstrip().removeprefix('|').lstrip()}"
        values = [Reference(each.offer.stage) for each in gathered]
        return print_tree(self.with_values(values, gathered=True, continues=True))

    def with_values(self, values: Sequence[Value], *, gathered: bool, continues: bool) -> Pipeline:
        """Return the line with these values as its first input; a list of the values replaces a leading `collect`."""
        first, *others = self.pipeline.stages
        assert self.spec is not None
        assert self.spec.primary_input is not None
        name = self.spec.primary_input.name.replace("_", "-")
        if gathered and "gathers" in self.spec.roles and (lists := with_role(self.shell.workspace.catalog, "lists")):
            first, name = replace(first, command=Word(lists.type)), first_argument(lists)
        options = [Option(name, value, glued=True) for value in values]
        return replace(self.pipeline, stages=(_with(first, options), *others), continues=continues)


def _one_value(text: str) -> Word:
    """Return a line of standard input as one value, in quotes if it contains a comma."""
    return Word(text, "'") if "," in text else as_glued_word(text)


def _with(stage: Stage, options: Sequence[Option]) -> Stage:
    """Return a stage with these options inserted before its arguments."""
    end = stage.end_of_options
    return replace(
        stage,
        arguments=(*options, *stage.arguments),
        end_of_options=None if end is None else end + len(options),
    )


def _at(number: int, error: Problem) -> Problem:
    """Return the problem with its place: the number of the standard-input line that caused it."""
    return replace(error, text=f"-:{number}: {error.text}", place=("-", number, 1))

"""A line that goes on from what another process hands over: once for each result, as soon as it has come.

A line that is whole by itself never touches standard input. One that misses an input goes on from the stream as if it
had begun with a bar; one that begins with a list (`grid`, `collect`) takes all that comes, at the end.
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
from invokeai_cli.line import guarded, run_plan
from invokeai_cli.observer import STOPPED, show
from workflows.planning.read_values import list_of
from workflows.problems import Problem, describe
from workflows.record import PipedRecord

from .read import Arrival, BadStream, arrivals
from .take_in import Taken, keep, take

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec
    from invokeai_cli.environment import Environment
    from invokeai_cli.shell import Shell

NOTHING: Final = "nothing came through the pipe"
UNMIXED: Final = "let one process print all of them"
BAR: Final = "nothing_before"  # the line begins with a bar: then a pipe is waited for in any case
SUPPLIED: Final = frozenset({"missing_input", "unknown_reference", BAR})  # what standard input may supply
BY_REFERENCE: Final = "it goes on from what another `invokeai` hands over, or from what is written in it"


def needs_input(environment: Environment, refusal: Refusal) -> bool:
    """Return True if a refused line may be right with what comes through standard input.

    Raises: Refusal, if something else is wrong with it: only that is reported.
    """
    codes = {error.code for error in refusal.errors}
    if not codes & SUPPLIED or not environment.stdin_has_data(BAR in codes):
        return False
    others = [error for error in refusal.errors if error.code not in SUPPLIED]
    if others:
        raise Refusal(others, refusal.source)
    return True


def run_stream(shell: Shell, source: Source, refusal: Refusal) -> int:
    """Run a line on all that comes; `refusal` is what is wrong with it where nothing does. Return the exit status."""
    going = _Going(shell, source)
    came = failed = False
    try:
        for lot in going.lots(arrivals(shell.environment)):
            came = True
            if isinstance(lot, int):
                status = lot
                shell.renderer.upstream_empty()
            else:
                status = guarded(shell, source, partial(going.run, lot))
            ends = isinstance(lot, int) or status in STOPPED or not shell.config.keep_going
            if status and ends:
                return status
            failed = failed or status != exit_status.DONE
    except KeyboardInterrupt:  # the process before us was stopped as well, and tells of it
        return exit_status.INTERRUPTED
    if not came:
        return show(shell, [replace(each, text=f"{each.text}\n  {NOTHING}") for each in describe(refusal)])
    return exit_status.LINES_FAILED if failed else exit_status.DONE


@frozen
class _Lot:
    """What one run of the line goes on from: one result, or all of them where it takes a list."""

    arrivals: tuple[Arrival, ...]
    gathered: bool


class _Going:
    """One line and the stream it goes on from."""

    def __init__(self, shell: Shell, source: Source) -> None:
        self.shell = shell
        self.source = source
        self.pipeline: Pipeline = read(source)[0]

    @property
    def spec(self) -> InvocationSpec | None:
        """The first command of the line."""
        stages = self.pipeline.stages
        return self.shell.workspace.catalog.get(stages[0].command.text) if stages else None

    def lots(self, stream: Iterator[Arrival]) -> Iterator[_Lot | int]:
        """Yield what each run of the line goes on from, or the status of whoever is before us, where it failed."""
        all_of_them: list[Arrival] = []
        ended = exit_status.DONE
        for arrival in stream:
            if isinstance(arrival.what, int):
                ended = arrival.what or ended
                if not ended:
                    yield exit_status.DONE
            elif self.takes_all(arrival.what):
                if all_of_them and type(arrival.what) is not type(all_of_them[0].what):
                    raise BadStream(arrival.number, "plain values and results by reference are mixed", UNMIXED)
                all_of_them.append(arrival)
            else:
                yield _Lot((arrival,), gathered=False)
        if all_of_them and not ended:
            yield _Lot(tuple(all_of_them), gathered=True)
        if ended:
            yield ended

    def takes_all(self, what: PipedRecord | str | int) -> bool:
        """Tell whether the line begins with a list, and what comes is an item of it."""
        spec = self.spec
        primary = spec.primary_input if spec else None
        if spec is None or primary is None:
            return False
        if "gathers" in spec.roles:
            return True
        return primary.type.base == "list" and not (isinstance(what, PipedRecord) and self.is_list(what))

    def is_list(self, record: PipedRecord) -> bool:
        """Tell whether a result is a list already."""
        fork = self.shell.workspace.memory.fork()
        return list_of(take(self.shell, fork.scope, record, 0).offer.type) is not None

    def run(self, lot: _Lot) -> int:
        """Run the line once."""
        if isinstance(lot.arrivals[0].what, str):
            return self.run_written(lot)
        return self.run_taken(lot)

    def run_written(self, lot: _Lot) -> int:
        """Run the line with plain values at its first input, as if they had been written there."""
        if self.spec is None or self.spec.primary_input is None:
            raise BadStream(lot.arrivals[0].number, "this line takes no plain values", BY_REFERENCE)
        values = [as_glued_word(str(each.what)) for each in lot.arrivals]
        text = print_tree(self.with_values(values, gathered=lot.gathered, continues=False))
        try:
            plan = self.shell.workspace.plan(Source(None, text))
        except Refusal as refusal:
            number = lot.arrivals[0].number
            return show(self.shell, [_at(number, each) for each in describe(refusal)])
        return run_plan(self.shell, plan)

    def run_taken(self, lot: _Lot) -> int:
        """Run the line behind results of another process; they join our session once the line is planned."""
        shell, state = self.shell, self.shell.workspace.memory.fork()
        taken = [
            take(shell, state.scope, each.what, each.number)
            for each in lot.arrivals
            if isinstance(each.what, PipedRecord)
        ]
        plan = shell.workspace.plan(Source(None, self.text_behind(taken if lot.gathered else [])), state)
        for each in taken:
            keep(shell, each)
        shell.workspace.memory.scope = state.scope
        return run_plan(shell, plan)

    def text_behind(self, gathered: list[Taken]) -> str:
        """Return the line as it goes on from the last result, or with all of those that its list is made of."""
        if not gathered:
            return f"| {self.source.text.lstrip().removeprefix('|').lstrip()}"
        values = [Reference(each.offer.stage) for each in gathered]
        return print_tree(self.with_values(values, gathered=True, continues=True))

    def with_values(self, values: Sequence[Value], *, gathered: bool, continues: bool) -> Pipeline:
        """Return the line with values at its first input; a `collect` becomes the list of them."""
        first, *others = self.pipeline.stages
        assert self.spec is not None
        assert self.spec.primary_input is not None
        name = self.spec.primary_input.name.replace("_", "-")
        if gathered and "gathers" in self.spec.roles and (lists := with_role(self.shell.workspace.catalog, "lists")):
            first, name = replace(first, command=Word(lists.type)), first_argument(lists)
        options = [Option(name, value, glued=True) for value in values]
        return replace(self.pipeline, stages=(_with(first, options), *others), continues=continues)


def _with(stage: Stage, options: Sequence[Option]) -> Stage:
    """Return a stage with options before what is written there."""
    end = stage.end_of_options
    return replace(
        stage,
        arguments=(*options, *stage.arguments),
        end_of_options=None if end is None else end + len(options),
    )


def _at(number: int, error: Problem) -> Problem:
    """Return an error with the line of standard input whose value is wrong."""
    return replace(error, text=f"-:{number}: {error.text}", place=("-", number, 1))

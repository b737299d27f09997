"""A planned script at work: its lines in order, what a failure does, how far it is, the summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invokeai_cli import exit_status
from invokeai_cli.directives import Leave
from invokeai_cli.line import make_plan, run_plan
from invokeai_cli.loop import STOPPED, guarded, run_statement

from .counting import Count

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

    from .planning import Script, Step


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a script is run; lines before `first` only where later ones need what they give."""

    keep_going: bool = False
    first: int = 1


def run_script(shell: Shell, script: Script, wanted: Wanted) -> int:
    """Run a planned script and return the exit status; what was refused was told when it was planned."""
    steps = [step for step in script.steps if step.line >= wanted.first]
    nodes = [step for step in steps if step.plan is not None or step.refused]
    count = Count(sum(step.pictures for step in nodes), len(nodes), shell.environment.clock)
    shell.renderer.script_begins(count)
    failed = False
    status = exit_status.DONE
    try:
        for step in script.steps:
            status = _run_step(shell, step, wanted, count)
            if status in STOPPED or (status and not wanted.keep_going):
                return status
            failed = failed or status != exit_status.DONE
    except Leave:
        pass
    finally:
        shell.renderer.script_ends(count)
    return exit_status.LINES_FAILED if failed else exit_status.DONE


def _run_step(shell: Shell, step: Step, wanted: Wanted, count: Count) -> int:
    """Run one line, or only take it in; return its exit status."""
    aside = step.line < wanted.first
    if step.plan is None and not step.refused:
        return run_statement(shell, step.source)
    if step.refused:
        status = exit_status.DONE if aside else exit_status.WRONG_LINE
    else:
        status = guarded(shell, step.source, lambda: _run_line(shell, step, aside=aside))
    for placed in step.placed:
        shell.state.scope.keep(placed)
    if status not in STOPPED and not aside:
        count.line(step.pictures, failed=status != exit_status.DONE)
        shell.renderer.script_goes_on(count)
    return status


def _run_line(shell: Shell, step: Step, *, aside: bool) -> int:
    plan, scope = step.plan, shell.state.scope
    assert plan is not None
    if plan.stages and plan.stages[0].number != scope.next_number:  # a directive has run nodes of its own
        plan = make_plan(shell, step.source)
        return run_plan(shell, plan)
    scope.lines += 1
    return run_plan(shell, plan, only_add=aside, placed=())

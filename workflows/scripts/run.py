"""A planned script at work: its lines in order, what a failure does, how far it is, the summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from invokeai_cli import exit_status
from invokeai_cli.directives.exit import ExitScript
from invokeai_cli.line import STOPPED, guarded, run_plan
from invokeai_cli.loop import run_statement

from .tally import Count

if TYPE_CHECKING:
    from invokeai_cli.shell import Shell

    from .plan import Script, Step
    from .resume import Earlier


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a script is run; lines before `first` only where later ones need what they give.

    resume: go on with the last session of the script; only_failed: run only what failed in it.
    """

    keep_going: bool = False
    first: int = 1
    resume: bool = False
    only_failed: bool = False


def run_script(shell: Shell, script: Script, wanted: Wanted, earlier: Earlier | None = None) -> int:
    """Run a planned script and return the exit status; what was refused was told when it was planned."""
    steps = [step for step in script.steps if step.line >= wanted.first]
    nodes = [step for step in steps if step.plan is not None or step.refused]
    count = Count(sum(step.pictures for step in nodes), len(nodes), shell.environment.clock)
    shell.renderer.script_started(count)
    failed = False
    status = exit_status.DONE
    try:
        for step in script.steps:
            status = _run_step(shell, step, wanted, count, earlier)
            if status in STOPPED or (status and not wanted.keep_going):
                return status
            failed = failed or status != exit_status.DONE
    except ExitScript:
        pass
    finally:
        shell.renderer.script_finished(count)
    return exit_status.LINES_FAILED if failed else exit_status.DONE


def _run_step(shell: Shell, step: Step, wanted: Wanted, count: Count, earlier: Earlier | None) -> int:
    """Run one line, or only take it in; return its exit status."""
    known = earlier is not None and earlier.knows(step)
    aside = step.line < wanted.first or (wanted.only_failed and not (known and earlier and earlier.failed(step)))
    reused = False
    if step.plan is None and not step.refused:
        return run_statement(shell, step.source)
    if step.refused:
        status = exit_status.DONE if aside else exit_status.WRONG_LINE
    elif known and earlier is not None and _is_done(shell, step, earlier):
        status, reused = _give(shell, step, earlier, aside=aside), True
    else:
        status = guarded(shell, step.source, lambda: _run_line(shell, step, aside=aside, known=known))
    for placed in step.placed:
        shell.workspace.memory.scope.keep(placed)
    if status not in STOPPED and not aside:
        count.line(step.pictures, failed=status != exit_status.DONE, reused=reused)
        shell.renderer.script_advanced(count)
    return status


def _is_done(shell: Shell, step: Step, earlier: Earlier) -> bool:
    """Tell whether a line is done and what it gave is there; what is gone will be made again."""
    if not earlier.is_done(step):
        return False
    lost = earlier.lost(step, shell.workspace.invoker.is_there)
    if lost:
        shell.workspace.invoker.forget(earlier.session.id, lost)
    return not lost


def _give(shell: Shell, step: Step, earlier: Earlier, *, aside: bool) -> int:
    """Give the results of a line that an earlier run has done."""
    shell.workspace.memory.scope.lines += 1
    if not aside and step.added is not None:
        shell.renderer.results(shell.workspace.results_of(earlier.session, step.added.results))
    return exit_status.DONE


def _run_line(shell: Shell, step: Step, *, aside: bool, known: bool) -> int:
    plan, scope = step.plan, shell.workspace.memory.scope
    assert plan is not None
    if plan.stages and plan.stages[0].number != scope.next_number:  # a directive has run nodes of its own
        plan = shell.workspace.plan(step.source)
        return run_plan(shell, plan)
    scope.lines += 1
    return run_plan(shell, plan, only_add=aside, placed=(), known=known)

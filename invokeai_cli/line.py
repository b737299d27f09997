"""One line: plan it, run it, show its results. It is planned whole or refused whole; what was done stays done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.catalog.roles import first_argument
from invocations.language.source import Source
from workflows.problems import Problem, UsageError, at_line, describe, describe_failure, problem

from . import exit_status
from .directives.exit import ExitScript
from .render.screen import OutputFailed

if TYPE_CHECKING:
    from invocations.cache.forecast import Forecast
    from invocations.graph.node import Node
    from invocations.sessions.session import Session
    from workflows.line_run import LineRun
    from workflows.planning.plan_line import Plan
    from workflows.planning.scope import StageOutputs

    from .render.base import LineStarted
    from .shell import Shell
    from .watch import Watch

STOPPED = (exit_status.INTERRUPTED, exit_status.TERMINATED)


def guarded(shell: Shell, source: Source, work: Callable[[], int]) -> int:
    """Do the work of a line and return its exit status; an error in it is shown, a bug is not caught."""
    try:
        return work()
    except (BrokenPipeError, OutputFailed, ExitScript):
        raise
    except Exception as error:
        start = len(source.text) - len(source.text.lstrip())
        errors = [at_line(each, source, start) for each in describe(error)]
        if not errors:
            raise
        return show(shell, errors)


def show(shell: Shell, errors: list[Problem]) -> int:
    """Show errors and return the exit status of the first."""
    if errors:
        shell.renderer.problems(errors)
    return exit_status.of(errors[0]) if errors else exit_status.DONE


def run_line(shell: Shell, source: Source) -> int:
    """Plan a line, run it in the session and show its results."""
    shell.workspace.refresh()
    return run_planned(shell, shell.workspace.plan(source))


def run_planned(shell: Shell, plan: Plan, forecasts: Sequence[Forecast] = ()) -> int:
    """Run a planned line and show its results; plan it again if another process has added lines to the session."""
    from invocations.errors import SessionChanged

    while True:
        try:
            return run_plan(shell, plan, forecasts=forecasts)
        except SessionChanged:
            shell.workspace.refresh()
            plan, forecasts = shell.workspace.plan(plan.source), ()


def run_plan(
    shell: Shell,
    plan: Plan,
    *,
    only_add: bool = False,
    placed: Sequence[StageOutputs] | None = None,
    known: bool = False,
    forecasts: Sequence[Forecast] = (),
) -> int:
    """Run a planned line in the session and show its results.

    only_add: it does not run unless a later line needs it. placed: the stages that join the scope, if not the plan's.
    known: the session has the line already and resumes it. forecasts: their cache keys are not computed again.
    """
    from .watch import watch

    check_streams(shell, plan)
    if only_add and not known:
        shell.workspace.add(plan, placed=placed)
    if only_add:
        return exit_status.DONE
    run = shell.workspace.submit(plan, placed=placed, known=known, forecasts=forecasts)
    for warning in shell.workspace.warnings(plan):
        shell.renderer.warning(warning)
    shell.renderer.line_started(started(run))
    watched = watch(run, shell.renderer, shell.environment)
    shell.renderer.results(run.results())
    return ending(shell, watched, plan, len(run.nodes))


def started(run: LineRun) -> LineStarted:
    """Return what a renderer is told of a run."""
    from .render.base import LineStarted

    kept, nodes = run.kept_ends, len(run.nodes)
    binary = len(kept) < len(run.ends)
    return LineStarted(run.text, run.source, run.session.id, run.seeds, nodes, run.slow, kept, run.by_reference, binary)


def run_lines(shell: Shell, session: Session, numbers: Collection[int]) -> int:
    """Run what is left to do of some lines of a session, show all their results, and return the exit status."""
    from .watch import watch

    run = shell.workspace.resume(session, numbers)
    shell.renderer.line_started(replace(started(run), results=(), binary=False))
    watched = watch(run, shell.renderer, shell.environment)
    shell.renderer.results(run.results())
    if watched.signal:
        return show(shell, [stopped(shell, watched, len(run.nodes), session.id)])
    return show(shell, failures_of(watched, verbose=shell.command_line.verbosity > 0))


def _sends(node: Node, shell: Shell) -> bool:
    """Return True if a node writes an image to standard output."""
    spec = shell.workspace.catalog[node.type]
    return "saves" in spec.roles and node.inputs.get(first_argument(spec)) == "-"


def check_streams(shell: Shell, plan: Plan) -> None:
    """Refuse a picture and JSON on one standard output. Raises: UsageError."""
    wanted = shell.command_line.format
    if wanted in ("json", "events") and any(_sends(node, shell) for node in plan.nodes):
        raise UsageError(
            f"`save -` and `--{wanted}` both write to standard output", "save into a file, or leave one of them out"
        )


def ending(shell: Shell, watched: Watch, plan: Plan, nodes: int) -> int:
    """Show what went wrong while a line ran, and return its exit status."""
    if watched.signal:
        return show(shell, [stopped(shell, watched, nodes, shell.workspace.session_id, alone=plan.source.name is None)])
    starts = {node: stage.span.start for stage in plan.stages for node in stage.nodes}
    failures = [
        at_line(each, plan.source, starts.get(each.node, 0))
        for each in failures_of(watched, verbose=shell.command_line.verbosity > 0)
    ]
    if any(exit_status.of(each) == exit_status.PIPE_CLOSED for each in failures):
        raise BrokenPipeError
    return show(shell, failures)


def stopped(shell: Shell, watched: Watch, nodes: int, session_id: str, *, alone: bool = True) -> Problem:
    """Tell that a signal has ended a run, and how a line that stood alone goes on."""
    what = "interrupted" if watched.status == exit_status.INTERRUPTED else "terminated"
    kept = f"{watched.finished} of {nodes} nodes had finished; what they gave is kept in session {session_id}"
    hint = f"`session resume {session_id}` goes on from here" if alone and shell.command_line.words else None
    return problem(what, f"{what}: {kept}", hint)


def failures_of(watched: Watch, *, verbose: bool) -> list[Problem]:
    """Return what failed in a run; where nothing did and something waits for an earlier failure, that."""
    found = [describe_failure(event, verbose=verbose) for event in watched.failures]
    for event in () if found else watched.blocked[:1]:
        message = f"{event.node_type} ({event.node_id}) was not run: {event.reason}"
        hint = "`retry` runs again what failed, and what waited for it"
        found.append(problem("not_run", message, hint, node=event.node_id))
    return found

"""Plan a line, run it and show its results; a line with any error is refused before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.catalog.roles import first_argument
from invocations.language.source import Source
from workflows import execute
from workflows.problems import UsageError
from workflows.services import engine_mode

from .exit_status import ExitScript
from .observer import TerminalObserver, show, started
from .render.screen import OutputFailed

if TYPE_CHECKING:
    from invocations.cache.forecast import Forecast
    from invocations.graph.node import Node
    from invocations.sessions.session import Session
    from workflows.planning.plan import Plan

    from .shell import Shell


def guarded(shell: Shell, source: Source, work: Callable[[], int]) -> int:
    """Call the function that runs a line, and return its exit status; show expected errors, re-raise all others."""
    try:
        return work()
    except (BrokenPipeError, OutputFailed, ExitScript):
        raise
    except Exception as error:
        errors = execute.problems_of(error, source)
        if not errors:
            raise
        return show(shell, errors)


def run_line(shell: Shell, source: Source) -> int:
    """Plan a line, run it in the session and show its results.

    The plan made for the last key press at the interactive prompt is not used: since then, files that planning looked
    at may have changed, and another process may have added lines to the session.
    """
    shell.workspace.refresh()
    return run_planned(shell, shell.workspace.plan(source))


def run_planned(shell: Shell, plan: Plan, words: Sequence[str] = (), *, replans: bool = True) -> int:
    """Run a planned line as a Typer command, or directly if it needs no node's class, and show its results.

    words: the typed words. replans: whether the line is planned again if another process has added lines to the
    session; otherwise SessionChanged is raised. Raises: UpstreamFailed, if an image is read from a failed process.
    """
    from invocations.running.plain import all_plain

    if plan.items > shell.config.max_items:
        _confirm_size(shell, plan)
    check_streams(shell, plan)
    if any(_reads(node, shell) for node in plan.nodes):
        shell.environment.peek()
    workspace, observer = shell.workspace, TerminalObserver(shell)
    forecasts = workspace.forecast(plan)
    run = execute.run_planned if replans else execute.run_plan

    def work() -> int:
        return observer.status(run(workspace, plan, observer, forecasts=forecasts))

    known = forecasts or _uncached(plan)
    if all_plain(known, workspace.catalog, engine=engine_mode(shell.config) != "off"):
        return work()
    from .app import run_command

    return run_command(workspace.catalog, words or [plan.stages[0].command], work)


def _uncached(plan: Plan) -> list[Forecast]:
    """Return the forecasts for a line whose results are not looked up in the cache."""
    from invocations.cache.forecast import Forecast

    return [Forecast(node.id, node.type, reused=False) for node in plan.nodes]


def _confirm_size(shell: Shell, plan: Plan) -> None:
    """Ask before a large sweep runs. Raises: UsageError, if the user declines."""
    from workflows.charts.duration import about
    from workflows.estimate import time_of
    from workflows.planning.sweeps.limits import NOT_RUN, question

    from .shell import agreed

    time = time_of(shell.workspace, [(plan, shell.workspace.additions(plan))])
    if not agreed(shell, question(plan.items, about(time.seconds) if time and time.seconds else "")):
        raise UsageError(*NOT_RUN)


def run_lines(shell: Shell, session: Session, numbers: Collection[int], *, only_new: bool = False) -> int:
    """Run the unfinished parts of these lines in a session, show the results, and return the exit status.

    only_new: whether to show only the results of nodes that run now
    """
    observer = TerminalObserver(shell)
    run = shell.workspace.resume(session, numbers)
    with execute.ended_by_errors(run):
        shell.renderer.line_started(replace(started(run), results=(), binary=False))
    report = observer.follow(run)
    observer.results(run.results(report.finished if only_new else None))
    return observer.status(execute.conclude(run, report, observer))


def _sends(node: Node, shell: Shell) -> bool:
    """Return True if a node writes an image to standard output."""
    spec = shell.workspace.catalog[node.type]
    return "saves" in spec.roles and node.inputs.get(first_argument(spec)) == "-"


def _reads(node: Node, shell: Shell) -> bool:
    """Return True if a node reads an image from standard input."""
    spec = shell.workspace.catalog[node.type]
    return "loads" in spec.roles and node.inputs.get(first_argument(spec)) == "-"


def check_streams(shell: Shell, plan: Plan) -> None:
    """Refuse to write both an image and JSON to standard output. Raises: UsageError."""
    wanted = shell.command_line.format
    if wanted in ("json", "events") and any(_sends(node, shell) for node in plan.nodes):
        raise UsageError(
            f"`save -` and `--{wanted}` both write to standard output", "save to a file, or leave out one of the two"
        )

"""One line of the terminal: plan -> invoke -> render. It is planned whole or refused whole; what is done stays done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.language.source import Source
from workflows import execute
from workflows.problems import UsageError

from .observer import TerminalObserver, started

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from workflows.planning.plan import Plan

    from .shell import Shell


def run_line(shell: Shell, source: Source) -> int:
    """Plan a line, run it in the session, show its results, and return the exit status."""
    observer = TerminalObserver(shell)
    plan, shell.planned = shell.planned, None
    plan = plan if plan is not None and plan.source == source else None
    return observer.status(
        execute.run_line(shell.workspace, source, observer, plan, check=lambda plan: check_streams(shell, plan))
    )


def run_plan(shell: Shell, plan: Plan) -> int:
    """Run a planned line, show its results, and return the exit status."""
    check_streams(shell, plan)
    observer = TerminalObserver(shell)
    return observer.status(execute.run_plan(shell.workspace, plan, observer))


def run_lines(shell: Shell, session: Session, numbers: Collection[int]) -> int:
    """Run what is left to do of some lines of a session, show all their results, and return the exit status."""
    observer = TerminalObserver(shell)
    run = shell.workspace.resume(session, numbers)
    shell.renderer.line_started(replace(started(run), results=(), binary=False))
    report = observer.follow(run)
    observer.results(run.results())
    return observer.status(execute.conclude(run, report, observer))


def check_streams(shell: Shell, plan: Plan) -> None:
    """Refuse an image and JSON on one standard output. Raises: UsageError."""
    wanted = shell.command_line.format
    if wanted in ("json", "events") and any(n.type == "save" and n.inputs.get("target") == "-" for n in plan.nodes):
        raise UsageError(
            f"`save -` and `--{wanted}` both write to standard output", "save into a file, or leave one of them out"
        )

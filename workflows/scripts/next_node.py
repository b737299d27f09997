"""Run only the next ready node of a session, for a script or for lines that were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.sessions.journal import FAILED, LineEnded
from invocations.shown_numbers import counted
from workflows.execute import conclude
from workflows.observer import Outcome
from workflows.session_lines import ends, nodes_by_line

from .earlier import DONE

if TYPE_CHECKING:
    from invocations.sessions.session import Session
    from workflows.observer import Observer
    from workflows.run_report import RunReport
    from workflows.workspace import Workspace

    from .earlier import Earlier
    from .plan import ScriptPlan


def add_lines(workspace: Workspace, script: ScriptPlan, earlier: Earlier | None) -> Session:
    """Add the lines of a script that the session lacks, and return the session; nothing runs.

    Raises: ConfigError, GraphError.
    """
    for line in script.lines:
        if line.plan is not None and not (earlier is not None and earlier.knows(line)):
            workspace.memory.scope.lines += 1
            workspace.add(line.plan, placed=())
        for placed in line.placed:
            workspace.memory.scope.keep(placed)
    return workspace.session


def run_next(workspace: Workspace, session: Session, observer: Observer) -> Outcome:
    """Run the next ready node of a session, show the results of the line that it completes, and return the outcome."""
    run = workspace.step(session)
    observer.line_started(run)
    report = observer.follow(run)
    for number, outcome in _ended(session, report).items():
        workspace.invoker.take_in(session.id, [LineEnded(number, 0.0, outcome)])
        if outcome == DONE:
            observer.results(workspace.results_of(session, ends(session, nodes_by_line(session)[number])))
    left = sum(not session.expansion.is_done([id_]) for id_ in session.graph.nodes)
    observer.note(f"{counted(left, 'node')} left to run" if left else "nothing left to run")
    return conclude(run, report, observer)


def _ended(session: Session, report: RunReport) -> dict[int, str]:
    """Return the outcome of each line that has just failed or has nothing left to run, by number."""
    failed = session.lines_of({each.node_id for each in report.failures})
    by_line = nodes_by_line(session)
    open_ = [line.number for line in session.open_lines]
    done = {number: DONE for number in open_ if session.expansion.is_done(by_line[number])}
    return {**done, **dict.fromkeys(sorted(failed), FAILED)}

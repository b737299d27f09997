"""Run lines in a workspace and report to an observer: plan, submit, follow the events, show results or problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .observer import Outcome
from .problems import Problem, at_line, describe

if TYPE_CHECKING:
    from invocations.cache.forecast import Forecast
    from invocations.language.source import Source

    from .line_run import LineRun
    from .observer import Observer
    from .planning.plan import Plan
    from .run_report import RunReport
    from .workspace import Workspace


def run_planned(workspace: Workspace, plan: Plan, observer: Observer, forecasts: Sequence[Forecast] = ()) -> Outcome:
    """Run a planned line; plan it again if another process has added lines to the session.

    forecasts: predictions for this plan, whose cache keys are used instead of computing them again
    Raises: Refusal, ConfigError, GraphError.
    """

    def run(current: Plan) -> Outcome:
        return run_plan(workspace, current, observer, forecasts=forecasts if current is plan else ())

    return workspace.replanning(plan, run)


def run_plan(workspace: Workspace, plan: Plan, observer: Observer, *, forecasts: Sequence[Forecast] = ()) -> Outcome:
    """Run a planned line. Raises: ConfigError, GraphError, SessionChanged.

    forecasts: predictions for this plan, whose cache keys are used instead of computing them again
    """
    run = workspace.submit(plan, forecasts=forecasts)
    with ended_by_errors(run):
        advise(workspace, plan, observer)
        observer.line_started(run)
    report = observer.follow(run)
    answer = observer.agrees(report.too_many) if report.too_many else None
    report.declined = answer is False
    if answer:
        run = workspace.submit(plan, placed=(), known=True, most_items=report.too_many)
        report = observer.follow(run)
    observer.results(run.results())
    return conclude(run, report, observer, plan)


@contextmanager
def ended_by_errors(run: LineRun) -> Iterator[None]:
    """If anything is raised in this context, such as KeyboardInterrupt, record that the line was cancelled."""
    try:
        yield
    except BaseException:
        run.end()
        raise


def advise(workspace: Workspace, plan: Plan, observer: Observer) -> None:
    """Show the warnings and notes of a valid line."""
    for warning in workspace.warnings(plan):
        observer.warning(warning)
    for note in plan.notes:
        observer.note(note)


def conclude(run: LineRun, report: RunReport, observer: Observer, plan: Plan | None = None) -> Outcome:
    """Report why a run was not completed; each problem points at its stage in the plan's source."""
    if report.too_many:
        observer.problems(_placed([report.refusal(run.backend.settings.max_items)], plan))
        return Outcome.REFUSED
    if report.stopped:
        observer.stopped(run, report)
        return Outcome.STOPPED
    hint = "" if run.source else "`retry` runs the failed items again"
    problems = report.problems(run.session, verbose=observer.verbose, hint=hint)
    if not problems:
        return Outcome.DONE
    observer.problems(_placed(problems, plan))
    return Outcome.FAILED


def guarded(source: Source, observer: Observer, work: Callable[[], Outcome]) -> Outcome:
    """Run a line by calling `work`; report a known error, and re-raise an unexpected one."""
    try:
        return work()
    except BrokenPipeError:
        raise
    except Exception as error:
        problems = problems_of(error, source)
        if not problems:
            raise
        observer.problems(problems)
        return Outcome.REFUSED if problems[0].refused else Outcome.FAILED


def problems_of(error: Exception, source: Source) -> list[Problem]:
    """Describe a known error in a line, with its place in the script; return [] for an unexpected error."""
    start = len(source.text) - len(source.text.lstrip())
    return [at_line(each, source, start) for each in describe(error)]


def _placed(problems: Sequence[Problem], plan: Plan | None) -> list[Problem]:
    if plan is None:
        return [*problems]
    starts = {node: stage.span.start for stage in plan.stages for node in stage.nodes}
    return [at_line(each, plan.source, starts.get(each.node, 0)) for each in problems]

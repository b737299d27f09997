"""What the terminal shows while lines and scripts run, and the resulting exit status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workflows.observer import Observer, Outcome
from workflows.problems import Problem, problem
from workflows.run_report import RunReport
from workflows.services import why_no_engine

from . import exit_status

if TYPE_CHECKING:
    from invocations.events import Event
    from workflows.line_run import LineRun
    from workflows.results import Result
    from workflows.tally import Tally

    from .render.base import LineStarted
    from .shell import Shell


class TerminalObserver(Observer):
    """Passes the events of lines and scripts to the renderer; Ctrl-C, SIGTERM and SIGHUP stop the run."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.verbose = shell.command_line.verbosity > 0
        self.failed_with = exit_status.DONE  # exit status for the errors that were shown last

    def status(self, outcome: Outcome) -> int:
        """Return the exit status for an outcome."""
        return exit_status.DONE if outcome is Outcome.DONE else self.failed_with

    def line_started(self, run: LineRun) -> None:
        self.shell.renderer.line_started(line := started(run))
        if self.verbose and line.slow and (why := why_no_engine(self.shell.config)):
            self.shell.renderer.note(why)

    def follow(self, run: LineRun) -> RunReport:
        from .watch import watch

        return watch(run, self.shell.renderer, self.shell.environment)

    def event(self, event: Event) -> None:
        self.shell.renderer.event(event)

    def results(self, results: Sequence[Result]) -> None:
        self.shell.renderer.results(results)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Show problems. Raises: BrokenPipeError, if the reader of standard output has closed it."""
        if any(exit_status.of(each) == exit_status.PIPE_CLOSED for each in problems):
            raise BrokenPipeError
        self.failed_with = show(self.shell, list(problems))

    def stopped(self, run: LineRun, report: RunReport) -> None:
        self.failed_with = show(self.shell, [_interrupted(self.shell, run, report)])

    def agrees(self, items: int) -> bool | None:
        from workflows.planning.draft import MOST_ITEMS
        from workflows.planning.sweeps.limits import question

        from .shell import agreed

        self.shell.renderer.release()
        asks = self.shell.workspace.asks and items <= MOST_ITEMS
        return agreed(self.shell, question(items)) if asks else None

    def warning(self, text: str) -> None:
        self.shell.renderer.warning(text)

    def note(self, text: str) -> None:
        self.shell.renderer.note(text)

    def script_started(self, tally: Tally) -> None:
        self.shell.renderer.script_started(tally)

    def script_advanced(self, tally: Tally) -> None:
        self.shell.renderer.script_advanced(tally)

    def script_finished(self, tally: Tally) -> None:
        self.shell.renderer.script_finished(tally)


def show(shell: Shell, errors: list[Problem]) -> int:
    """Show errors and return the exit status for the first one."""
    if errors:
        shell.renderer.problems(errors)
    return exit_status.of(errors[0]) if errors else exit_status.DONE


def started(run: LineRun) -> LineStarted:
    """Describe a run that is starting, for the renderer."""
    from .render.base import LineStarted

    kept, nodes = run.kept_ends, len(run.nodes)
    binary = len(kept) < len(run.ends)
    return LineStarted(run.text, run.source, run.session.id, run.seeds, nodes, run.slow, kept, run.by_reference, binary)


def _interrupted(shell: Shell, run: LineRun, report: RunReport) -> Problem:
    """Describe a run that a signal stopped, and how to resume it."""
    from invocations.shown_numbers import counted
    from workflows.reserved import LATEST

    from .watch import Watch

    what = exit_status.STOPPED[report.status if isinstance(report, Watch) else exit_status.INTERRUPTED]
    session, unit, whole = run.session.id, "node", len(run.nodes)
    if loop := run.open_loop:
        last, done, whole = loop
        unit = shell.unit(run.session.graph.nodes[last].type)
    else:
        done = sum(run.session.expansion.is_done((id_,)) for id_ in run.nodes)
    finished = f"{done} of {counted(whole, unit)}" if whole else counted(done, unit)
    kept = f"{finished} had finished; {'their results' if unit == 'node' else 'they'} are kept in session {session}"
    if not done:
        kept = f"no {unit} had finished; the line is kept in session {session}"
    resumed = session if shell.command_line.words else LATEST  # at the interactive prompt, it is the latest session
    return problem(what, f"{what}: {kept}", None if run.source else f"`session resume {resumed}` resumes it")

"""Run one line of a script, with retries if it fails and within the limits of the script, and count the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from invocations.sessions.journal import QUARANTINED
from invocations.shown_numbers import counted
from workflows.execute import advise, conclude, ended_by_errors
from workflows.observer import Outcome
from workflows.results import is_sent
from workflows.shown_text import duration

if TYPE_CHECKING:
    from invocations.events import NodeFailed, NodeFinished
    from invocations.running.ahead import Ahead
    from invocations.sessions.session import Session
    from workflows.line_run import LineRun
    from workflows.observer import Observer
    from workflows.planning.plan import Plan
    from workflows.planning.scope import StageOutputs
    from workflows.run_report import RunReport
    from workflows.tally import Tally
    from workflows.workspace import Workspace

    from .options import RunOptions

FINAL: Final = (QUARANTINED, "output_closed")  # codes of failures that a retry cannot fix


@dataclass(slots=True)
class Attempts:
    """Runs the lines of one script, and counts their results in the tally of the script.

    ahead: what workers may do and have done before the turn of a line
    """

    workspace: Workspace
    observer: Observer
    options: RunOptions
    tally: Tally
    ahead: Ahead | None = None
    _session: Session | None = field(init=False, default=None)

    @property
    def limit(self) -> str:
        """The limit that has been reached, as the name of an option, or ""."""
        images, seconds = self.options.max_images, self.options.max_seconds
        if images is not None and self.tally.saved >= images:
            return "max_images"
        return "max_time" if seconds is not None and self.tally.seconds >= seconds else ""

    def stop(self) -> Outcome:
        """Show a note that a limit has stopped the script, and return the corresponding outcome."""
        self.tally.limit = self.limit
        images, seconds = self.options.max_images, self.options.max_seconds
        if self.tally.limit == "max_images":
            what = counted(images or 0, "image")
        else:
            what = duration(seconds or 0.0)
        self.observer.note(f"stopped: the limit of {what} is reached")
        return Outcome.LIMITED

    def run(self, plan: Plan, *, placed: Sequence[StageOutputs] | None = None, known: bool = False) -> Outcome:
        """Run a line; if it fails, run it again, up to `options.retries` times.

        placed: the stages that join the scope (default: the plan's stages)
        known: the session already contains the line, so it is resumed
        Raises: ConfigError, GraphError, SessionChanged.
        """
        run = self.workspace.submit(plan, placed=placed, known=known, until=self._ends, ahead=self.ahead)
        with ended_by_errors(run):
            advise(self.workspace, plan, self.observer)
        report = self._follow(run)
        for attempt in range(1, self.options.retries + 1):
            failure = _worth_retrying(report)
            if failure is None:
                break
            again = f"trying again ({attempt} of {self.options.retries})"
            self.observer.note(f"{failure.node_type} ({failure.node_id}): {failure.error.message}; {again}")
            self.workspace.invoker.resume(run.session.id)
            run = self.workspace.submit(plan, placed=(), known=True, until=self._ends, ahead=self.ahead)
            report = self._follow(run)
        self.tally.quarantined += sum(each.error.code == QUARANTINED for each in report.failures)
        self.observer.results(run.results())
        if report.stopped and self.limit:
            report.stopped = False  # the user did not cancel the run: show only failures before the limit
            conclude(run, report, self.observer, plan)
            return self.stop()
        return conclude(run, report, self.observer, plan)

    def _follow(self, run: LineRun) -> RunReport:
        self._session = run.session
        with ended_by_errors(run):
            self.observer.line_started(run)
        return self.observer.follow(run)

    def _ends(self, event: NodeFinished) -> bool:
        """Count a finished node; return True if a limit is reached and an image or an item of a loop is complete."""
        assert self._session is not None
        spec = self._session.graph.node_type(event.node_id).spec
        saves = "saves" in spec.roles
        if spec.reusable:
            self.tally.result(cached=event.reused)
        self.tally.saved += saves and not is_sent(self._session, event.node_id)
        return bool(self.limit) and (saves or _ends_item(self._session, event))


def _ends_item(session: Session, event: NodeFinished) -> bool:
    """Return True if a node ends an iteration of a loop: nothing except `collect` nodes uses its result."""
    targets = {edge.target for edge in session.graph.outgoing(event.node_id)}
    return bool(event.path) and all(session.graph.node_type(id_).spec.role == "collect" for id_ in targets)


def _worth_retrying(report: RunReport) -> NodeFailed | None:
    """Return the first failure of a run that may succeed if it is run again, or None."""
    if report.stopped:
        return None
    return next((each for each in report.failures if each.error.code not in FINAL), None)

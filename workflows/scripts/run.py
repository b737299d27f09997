"""Run a planned script, line by line, and report failures, progress and a summary to an observer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.sessions.journal import SKIPPED, JournalEntry, LineEnded
from workflows.execute import guarded
from workflows.observer import Outcome
from workflows.planning.scope import unused
from workflows.tally import Tally

from .attempts import Attempts
from .targets import existing_files, read_file

if TYPE_CHECKING:
    from pathlib import Path

    from workflows.observer import Observer
    from workflows.workspace import Workspace

    from .earlier import Earlier
    from .lines_ahead import LinesAhead
    from .options import RunOptions
    from .plan import ScriptLine, ScriptPlan

ENDS = (Outcome.STOPPED, Outcome.LIMITED)  # outcomes that end a script even with `keep_going`


def run_script(
    workspace: Workspace,
    script: ScriptPlan,
    observer: Observer,
    options: RunOptions,
    earlier: Earlier | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Outcome:
    """Run a planned script; it ends at a limit, or at the first line that fails unless `options.keep_going` is set.

    earlier: what an earlier run has done, if the script is resumed
    clock: returns the time in seconds
    Lines with errors are not reported here: their errors are in `ScriptPlan.errors`.
    """
    lines = [line for line in script.lines if line.number >= options.first and not line.is_directive]
    tally = Tally(sum(line.images for line in lines), len(lines), clock, any(line.loops for line in lines))
    observer.script_started(tally)
    workspace.memory.adjust = script.trial.adjust if script.trial is not None else None
    try:
        ahead = None if workspace.settings.jobs == "1" else _lines_ahead(workspace, script, options, earlier)
        attempts = Attempts(workspace, observer, options, tally, None if ahead is None else ahead.ahead)
        run = _ScriptRun(workspace, observer, options, earlier, tally, attempts, _linked(lines), ahead)
        with nullcontext() if ahead is None else closing(ahead):
            return run.run(script)
    finally:
        workspace.memory.is_used, workspace.memory.adjust = unused, None
        observer.script_finished(tally)


@frozen
class _ScriptRun:
    """Runs the lines of a script."""

    workspace: Workspace
    observer: Observer
    options: RunOptions
    earlier: Earlier | None
    tally: Tally
    attempts: Attempts
    linked: frozenset[str]  # the nodes that other lines link to
    ahead: LinesAhead | None  # with several workers: the lines that they may begin before their turn

    def run(self, script: ScriptPlan) -> Outcome:
        failed = False
        for line in script.lines:
            outcome = self.directive(line) if line.is_directive else self.line(line)
            if outcome in ENDS or (outcome is not Outcome.DONE and not self.options.keep_going):
                return outcome
            failed = failed or outcome is not Outcome.DONE
        return Outcome.FAILED if failed else Outcome.DONE

    def directive(self, line: ScriptLine) -> Outcome:
        """Run a directive; it counts as a line only if it fails."""
        outcome = self.observer.directive(line.source)
        if outcome is not Outcome.DONE and outcome not in ENDS:
            self.tally.lines += 1
            self.tally.line(0, failed=True)
        return outcome

    def line(self, line: ScriptLine) -> Outcome:
        """Run a line, or only add it to the session if it is skipped; return its outcome."""
        skipped, reused, left_out = self.is_skipped(line), False, False
        if line.refused:
            outcome = Outcome.DONE if skipped else Outcome.REFUSED
        elif self.earlier is not None and self.is_done(line, self.earlier):
            self.show_results(line, self.earlier, skipped=skipped)
            outcome, reused = Outcome.DONE, True
        elif not skipped and self.options.skip_existing and (files := existing_files(self.workspace, line)):
            self.leave_out(line, files)
            outcome, left_out = Outcome.DONE, True
        elif self.attempts.limit and not skipped:
            return self.attempts.stop()
        else:
            outcome = guarded(line.source, self.observer, lambda: self.execute(line, only_add=skipped))
        for placed in line.placed:
            self.workspace.memory.scope.keep(placed)
        if outcome not in ENDS and not skipped:
            self.tally.line(line.images, failed=outcome is not Outcome.DONE, reused=reused, skipped=left_out)
            self.observer.script_advanced(self.tally)
        return outcome

    def is_skipped(self, line: ScriptLine) -> bool:
        """Return True if a line is to run only if a later one needs its results."""
        if line.number < self.options.first:
            return True
        return self.options.only_failed and not (self.is_known(line) and self.earlier and self.earlier.failed(line))

    def is_known(self, line: ScriptLine) -> bool:
        """Return True if the session contained a line when the script was resumed."""
        return self.earlier is not None and self.earlier.knows(line)

    def is_added(self, line: ScriptLine) -> bool:
        """Return True if the session already contains a line."""
        if self.ahead is not None and self.ahead.has_added(line):
            return True
        return self.earlier is not None and self.earlier.knows(line)

    def is_done(self, line: ScriptLine, earlier: Earlier) -> bool:
        """Return True if a line is done and its results still exist; mark lost results to be recomputed."""
        if not earlier.knows(line):
            return False
        if earlier.was_skipped(line):
            return bool(existing_files(self.workspace, line))
        lost = earlier.lost(line, self.workspace.invoker.is_there)
        if lost:
            self.workspace.invoker.forget(earlier.session.id, lost)
        return not lost and earlier.is_done(line)

    def show_results(self, line: ScriptLine, earlier: Earlier, *, skipped: bool) -> None:
        """Show the results that an earlier run of a line returned."""
        self.workspace.memory.scope.lines += 1
        if not skipped and line.added is not None:
            self.observer.results(self.workspace.results_of(earlier.session, line.added.results))

    def leave_out(self, line: ScriptLine, files: Mapping[str, Path]) -> None:
        """Add a line whose files exist without running it; later lines can use the files."""
        workspace, invoker = self.workspace, self.workspace.invoker
        assert line.plan is not None
        workspace.memory.is_used = line.is_used
        workspace.memory.scope.lines += 1
        session = workspace.session if self.is_added(line) else workspace.add(line.plan, placed=())
        entries: list[JournalEntry] = [
            read_file(session, node, str(path), invoker.services.images)
            for node, path in files.items()
            if node in self.linked
        ]
        numbers = session.lines_of(line.nodes)
        invoker.take_in(session.id, [*entries, *(LineEnded(number, 0.0, SKIPPED) for number in numbers)])

    def execute(self, line: ScriptLine, *, only_add: bool) -> Outcome:
        workspace, plan = self.workspace, line.plan
        assert plan is not None
        workspace.memory.is_used = line.is_used
        if plan.stages and plan.stages[0].number != workspace.memory.scope.next_number:
            return self.attempts.run(workspace.plan(line.source))  # a directive has added stages before this line
        workspace.memory.scope.lines += 1
        if self.ahead is not None and not only_add:
            self.ahead.begin(line, self.is_skipped)
        if not only_add:
            return self.attempts.run(plan, placed=(), known=self.is_added(line))
        if not self.is_added(line):
            workspace.add(plan, placed=())
        return Outcome.DONE


def _lines_ahead(
    workspace: Workspace, script: ScriptPlan, options: RunOptions, earlier: Earlier | None
) -> LinesAhead | None:
    from .lines_ahead import lines_ahead  # imported on demand: most scripts run in one process

    return lines_ahead(workspace, script, options, earlier)


def _linked(lines: Iterable[ScriptLine]) -> frozenset[str]:
    """Return the nodes that other lines link to."""
    found: set[str] = set()
    for line in lines:
        if line.plan is not None:
            found |= {edge.source for edge in line.plan.edges} - set(line.nodes)
    return frozenset(found)

"""Choose the lines of a script that workers may begin before their turn, and add them to the session in order.

A directive is a barrier: no line after it begins before it has run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from invocations.catalog.roles import first_argument
from invocations.errors import InvocationError
from invocations.running.ahead import Ahead
from workflows.planning.planned_files import ANY, PlannedFiles
from workflows.planning.sweeps.limits import written_axes
from workflows.problems import ApplicationError

from .targets import existing_files

if TYPE_CHECKING:
    from workflows.planning.plan import Plan
    from workflows.workspace import Workspace

    from .earlier import Earlier
    from .options import RunOptions
    from .plan import ScriptLine, ScriptPlan

PER_WORKER: Final = 2  # lines ahead for each worker
LOOKED_AT: Final = 100  # among how many lines these are looked for


def lines_ahead(
    workspace: Workspace, script: ScriptPlan, options: RunOptions, earlier: Earlier | None
) -> LinesAhead | None:
    """Return the lines ahead of a script, or None if there are not several workers."""
    workers = workspace.invoker.workers
    if workers is None or workers.size < 2 or workers.keeps_order:
        return None
    return LinesAhead(workspace, script, options, earlier, PER_WORKER * workers.size)


class LinesAhead:
    """The lines of a script after the one whose turn it is.

    most: how many lines may begin early
    """

    def __init__(
        self, workspace: Workspace, script: ScriptPlan, options: RunOptions, earlier: Earlier | None, most: int
    ) -> None:
        self.workspace = workspace
        self.lines = script.lines
        self.options = options
        self.earlier = earlier
        self.most = most
        self.ahead = Ahead()
        self._places = {id(line): place for place, line in enumerate(script.lines)}
        self._added: set[int] = set()  # `id()` of each line that was added to the session

    def has_added(self, line: ScriptLine) -> bool:
        """Return True if a line is in the session because it was added here."""
        return id(line) in self._added

    def begin(self, line: ScriptLine, is_skipped: Callable[[ScriptLine], bool]) -> None:
        """Add a line whose turn it is to the session, and let workers begin with the lines after it.

        is_skipped: whether a line runs only if a later one needs its results
        Raises: ConfigError, GraphError, SessionChanged, if the line cannot be added.
        """
        self._add(line)
        nodes: set[str] = set()
        recompute: set[str] = set()
        for plan in self._early(line, is_skipped):
            nodes.update(node.id for node in plan.nodes)
            recompute.update(plan.recompute)
        self.ahead.nodes, self.ahead.recompute = nodes, recompute

    def close(self) -> None:
        """Stop what workers still do for lines whose turn has not come; finished results are kept."""
        if self.ahead.pool is not None:
            self.workspace.invoker.run(self.workspace.session_id, only=(), ahead=self.ahead).end()

    def _early(self, line: ScriptLine, is_skipped: Callable[[ScriptLine], bool]) -> Iterator[Plan]:
        """Add the lines after a line up to the next barrier, and yield the plans of those that may begin."""
        files, count = PlannedFiles(), 0
        self._add_files(files, line)
        place = self._places[id(line)] + 1
        for each in islice(self.lines, place, place + LOOKED_AT):
            skipped = is_skipped(each)
            if each.is_directive or count == self.most or (each.refused and not (skipped or self.options.keep_going)):
                return
            if each.plan is None:
                continue
            try:
                self._add(each)
            except (InvocationError, ApplicationError):
                return  # the line raises the error again when it is its turn
            if skipped or self._needs_no_run(each):
                continue
            count += 1
            if self._may_begin(each, each.plan, files):
                yield each.plan
            self._add_files(files, each)

    def _add(self, line: ScriptLine) -> None:
        if line.plan is not None and not self.has_added(line) and not self._knows(line):
            self.workspace.add(line.plan, placed=())
            self._added.add(id(line))

    def _knows(self, line: ScriptLine) -> bool:
        return self.earlier is not None and self.earlier.knows(line)

    def _needs_no_run(self, line: ScriptLine) -> bool:
        """Return True if an earlier run has done a line, or if its files exist."""
        if self.earlier is not None and self._knows(line):
            return self.earlier.is_done(line) or self.earlier.was_skipped(line)
        return self.options.skip_existing and bool(existing_files(self.workspace, line))

    def _may_begin(self, line: ScriptLine, plan: Plan, files: PlannedFiles) -> bool:
        """Return True if the results of a line do not depend on when it begins.

        files: what unfinished lines write
        """
        if line.loops and self.workspace.invoker.batching is not None:
            return False  # the items of a loop form batches among themselves
        return 0 not in written_axes(plan).values() and self._reads_only_finished(plan, files)

    def _reads_only_finished(self, plan: Plan, files: PlannedFiles) -> bool:
        """Return True if all files that a line reads exist and are not written by unfinished lines."""
        linked = {(edge.target, edge.input) for edge in plan.edges}
        for node in plan.nodes:
            for field in self.workspace.catalog[node.type].inputs:
                name = node.inputs.get(field.name)
                if not field.reads_file or (field.type.is_reference and not isinstance(name, str)):
                    continue
                if (node.id, field.name) in linked or (isinstance(name, str) and self._is_unfinished(name, files)):
                    return False
        return True

    def _is_unfinished(self, name: str, files: PlannedFiles) -> bool:
        path = os.path.join(self.workspace.base, os.path.expanduser(name))
        return not os.path.isfile(path) or files.may_match(path)

    def _add_files(self, files: PlannedFiles, line: ScriptLine) -> None:
        """Add the files that a line writes."""
        if line.plan is None:
            return
        nodes, catalog = (*line.plan.nodes, *line.plan.additions.nodes), self.workspace.catalog
        files.add_all(nodes, catalog, self.workspace.check_value.pattern, "")
        saves = [node for node in nodes if "saves" in catalog[node.type].roles]
        targets = {(node.id, first_argument(catalog[node.type])) for node in saves}
        if any((edge.target, edge.input) in targets for edge in line.plan.edges):
            files.add(ANY, "")  # the name of a file is computed

"""The workspace, which plans lines and runs them in a session, for a terminal, a script, a web client or a notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from .current_session import CurrentSession

if TYPE_CHECKING:
    from types import TracebackType

    from invocations.cache.forecast import Forecast
    from invocations.events import Event, NodeFinished
    from invocations.graph.graph import Graph
    from invocations.language.source import Source
    from invocations.queueing.base import QueueItem
    from invocations.running.ahead import Ahead
    from invocations.running.base import Run, SweepLimit
    from invocations.sessions.session import Session

    from .line_run import LineRun
    from .planning.plan import Plan
    from .planning.scope import StageOutputs
    from .results import Results

T = TypeVar("T")


class Workspace(CurrentSession):
    """Plans lines, runs them in a session and returns their results; create one with `Workspace.open()`."""

    _is_closed = False

    @classmethod
    def open(cls, folder: str | os.PathLike[str] = "", *, session: str = "", **options: Any) -> Workspace:
        """Return a workspace with the settings of a folder and of the user; use it in a `with` block, or `close` it.

        folder: the working folder: project settings are looked for in it, images are saved in it, and relative names of
            files in lines are resolved against it (default: the current folder)
        session: the id of an earlier session to continue (default: a new session)
        home: the program's own folder, like the variable INVOKEAI_HOME
        settings: settings by name; they override all others
        services: used instead of the local services
        invoker: used instead of an invoker of its own; it belongs to another workspace, which closes it
        warn: called with the text of each warning
        Raises: ConfigError, SessionMissing.
        """
        from .opening import options_of

        made = cls(**options_of(folder, **options))
        if session:
            made.attach(session)
        return made

    def sibling(self, session: str = "") -> Workspace:
        """Return another workspace, which shares the settings, the catalog and the invoker of this one.

        Several siblings may run lines at the same time in several threads, each in a session of its own; close them
        before this workspace.

        session: the id of an earlier session to continue (default: a new session)
        Raises: SessionMissing.
        """
        made = type(self)(
            lambda: self.settings, catalog=self.catalog, folder=self.folder, base=self.base, reserved=self.reserved,
            warn=self.warn, services=self._services, invoker=self.invoker, saves_images=self._saves_images,
        )  # fmt: skip
        made.limits = self.limits
        if session:
            made.attach(session)
        return made

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(
        self, plan: Plan, *, placed: Sequence[StageOutputs] | None = None, item: QueueItem | None = None
    ) -> Session:
        """Add a line to the session without running it; a later line that needs its results runs it.

        placed: the stages that join the scope (default: the plan's stages)
        item: a new item of the queue, which runs the line; it is stored together with the line
        Raises: ConfigError, GraphError, SessionChanged; with an item also QueueFull; nothing is added then.
        """
        from .extension import extension_of  # imported on demand, here and below: a refused line needs none of them

        self._check_open()
        added = self.additions(plan)
        if added.nodes:
            self.check_template()
        queued = None if item is None else self._queued(plan, item)
        session = self._extend(extension_of(plan, added), queued)
        self.memory.scope.add(plan.stage_outputs if placed is None else placed)
        return session

    def submit(
        self,
        plan: Plan,
        *,
        placed: Sequence[StageOutputs] | None = None,
        known: bool = False,
        forecasts: Sequence[Forecast] = (),
        until: Callable[[NodeFinished], bool] | None = None,
        most_items: int = 0,
        ahead: Ahead | None = None,
    ) -> LineRun:
        """Add a line to the session and return its run, which starts when you iterate over it.

        placed: the stages that join the scope (default: the plan's stages)
        known: the session already contains the line, so it is resumed
        forecasts: predictions for this plan, whose cache keys are used instead of computing them again
        until: called in the run's thread with each node that has run; the run stops there if it returns True
        most_items: the run stops if a sweep turns out to have more items (default: the setting `max_items`)
        ahead: what workers may begin meanwhile, and what they have begun
        Raises: ConfigError; GraphError; SessionChanged, if another process has added lines: `refresh` and plan again.
        """
        from invocations.cache.forecast import keys_of

        from .extension import place_of
        from .line_run import LineRun
        from .planning.autosave import holds_references
        from .results import seeds_of

        session = self.session if known else self.add(plan, placed=placed)
        added, specs = self.additions(plan), self.catalog
        nodes = tuple([node.id for node in (*plan.nodes, *added.nodes)])
        return LineRun(
            self._start(
                session,
                nodes,
                plan.recompute,
                again=known,
                keys=keys_of(forecasts),
                until=until,
                sweeps=self._sweep_limit(plan, most_items) if plan.axes else None,
                ahead=ahead,
            ),
            session,
            self,
            plan.source.text,
            nodes,
            added.results,
            source=place_of(plan),
            seeds=seeds_of(plan, session, specs),
            slow=any(node.type in specs and bool(specs[node.type].model_bound) for node in plan.nodes),
            by_reference=holds_references(plan),
        )

    def graph(self) -> Graph:
        """Return an empty graph to add nodes to and pass to `submit_graph`."""
        from invocations.graph.graph import Graph

        return Graph(self.catalog.spec)

    def submit_graph(self, graph: Graph, text: str = "") -> LineRun:
        """Add a graph built from Python objects to the session and return its run.

        text: what the history shows for the graph
        Raises: GraphError.
        """
        from invocations.sessions.journal import Extension

        self._check_open()
        extension = Extension(tuple(graph.nodes.values()), tuple(graph.edges), line=text)
        session = self._extend(extension)
        return self._resumed(session, text, tuple(graph.nodes), (), again=False)

    def resume(self, session: Session, numbers: Collection[int]) -> LineRun:
        """Return a run of the unfinished nodes in some lines of a session."""
        from .session_lines import nodes_by_line, uncached_nodes

        by_line = nodes_by_line(session)
        nodes = tuple(id_ for number in numbers for id_ in by_line[number])
        text = "; ".join(" ".join(session.lines[number - 1].text.split()) for number in numbers)
        return self._resumed(session, text, nodes, uncached_nodes(session, numbers), again=True)

    def step(self, session: Session) -> LineRun:
        """Return a run of only the next ready node of a session."""
        from .line_run import LineRun

        self._check_open()
        return LineRun(self.invoker.step(session.id, reuse=self.settings.cache), session, self, "", (), ())

    def _resumed(
        self, session: Session, text: str, nodes: tuple[str, ...], recompute: Collection[str], *, again: bool
    ) -> LineRun:
        from .line_run import LineRun
        from .session_lines import ends

        run = self._start(session, nodes, recompute, again=again)
        slow = any(session.graph.node_type(id_).spec.model_bound for id_ in nodes)
        return LineRun(run, session, self, text, nodes, ends(session, nodes), slow=slow)

    def _start(
        self,
        session: Session,
        nodes: Sequence[str],
        recompute: Collection[str],
        *,
        again: bool,
        keys: Any = None,
        until: Callable[[NodeFinished], bool] | None = None,
        sweeps: SweepLimit | None = None,
        ahead: Ahead | None = None,
    ) -> Run:
        self._check_open()
        reuse = self.settings.cache
        return self.invoker.run(
            session.id,
            reuse=reuse,
            recompute=recompute,
            only=nodes,
            again=again,
            keys=keys,
            until=until,
            sweeps=sweeps,
            ahead=ahead,
        )

    def _queued(self, plan: Plan, item: QueueItem) -> QueueItem:
        """Return the item that runs a line as `submit` would run it."""
        from dataclasses import replace

        limit = self._sweep_limit(plan, item.most_items) if plan.axes else None
        sweeps, most = ({}, 0) if limit is None else (limit.counts, limit.most)
        return replace(
            item,
            reuse=item.reuse and self.settings.cache,
            recompute=tuple(plan.recompute),
            sweeps=sweeps,
            most_items=most,
        )

    def _sweep_limit(self, plan: Plan, most: int) -> SweepLimit:
        """Return how many items the sweeps of a line may have; a size known during planning is always allowed."""
        from invocations.running.base import SweepLimit

        from .planning.sweeps.limits import written_axes

        return SweepLimit(written_axes(plan), max(most or self.settings.max_items, plan.items))

    def close(self, *, at_once: bool = False) -> None:
        """Write pending data and close all files; no more lines can run.

        at_once: stop writing what only makes later runs faster, such as converted copies of models
        """
        super().close(at_once=at_once)
        self._is_closed = True

    def _check_open(self) -> None:
        """Refuse to run lines after `close`. Raises: UsageError."""
        if self._is_closed:
            from .problems import UsageError

            raise UsageError("the workspace is closed and cannot run lines", "open another one: Workspace.open()")

    def run(self, line: str | Source, on_event: Callable[[Event], None] | None = None) -> Results:
        """Plan a line, run it and return its results; `on_event` is called with each event.

        Raises: Refusal, if the line is invalid; LineFailed, if a node failed or the run was cancelled.
        """
        self.refresh()
        return self.replanning(self.plan(line), self.submit).finish(on_event)

    def replanning(self, plan: Plan, work: Callable[[Plan], T]) -> T:
        """Return `work(plan)`; if another process has added lines to the session, plan the line again and repeat.

        Raises: Refusal, and whatever `work` raises.
        """
        from invocations.errors import SessionChanged

        while True:
            try:
                return work(plan)
            except SessionChanged:
                self.refresh()
                plan = self.plan(plan.source)

    def results(self, plan: Plan) -> Results:
        """Return the results of a line that exist so far."""
        return self.results_of(self.session, self.additions(plan).results)

    def results_of(self, session: Session, ends: Collection[tuple[str, str]]) -> Results:
        """Return the results of a session; `ends` contains the node and output of each."""
        from .results import results_of

        return results_of(session, ends, self)

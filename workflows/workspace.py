"""What one conversation with the program holds, whoever leads it: a catalog, an invoker, a session and its memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from invocations.language.source import Source
from invocations.language.variables import MARK

from .lookup import Lookup, check_template, names
from .memory import Memory
from .planning.defaults import forced_inputs
from .planning.scope import Scope
from .planning.variables import Variables
from .reserved import NO_WORDS, ReservedWords, check_clash
from .services import local_settings

if TYPE_CHECKING:
    from PIL.Image import Image

    from invocations.catalog.registry import Registry
    from invocations.invoker import Invoker
    from invocations.local import LocalServices
    from invocations.sessions.session import Session
    from invocations.values import ImageRef

    from .line_run import LineRun
    from .planning.autosave import Additions
    from .planning.plan import Plan
    from .planning.scope import StageOutputs
    from .results import Result
    from .settings.resolve import Config


class Workspace:
    """Plans lines, runs them in a session, returns their results; everything is made at first use.

    settings: read when first needed. folder: what relative paths start from. reserved: words that are never commands.
    warn: receives what costs no result. saves_images: whether images that nothing takes are saved to files.
    """

    def __init__(
        self,
        settings: Callable[[], Config],
        *,
        catalog: Registry,
        folder: str,
        reserved: ReservedWords = NO_WORDS,
        warn: Callable[[str], None] = lambda text: None,
        saves_images: Callable[[], bool] = lambda: True,
    ) -> None:
        self._read_settings = settings
        self.catalog = catalog
        self.folder = folder
        self.reserved = reserved
        self.warn = warn
        self._saves_images = saves_images
        self.preview_every = 0  # steps between two previews of an image; 0: none
        self.variable_names: frozenset[str] = frozenset()  # of the script that runs
        self.open_names = False  # lines arrive one by one: the names that they use are not known yet

    @cached_property
    def settings(self) -> Config:
        """The settings. Raises: ConfigError."""
        return self._read_settings()

    @cached_property
    def memory(self) -> Memory:
        """What is remembered from line to line. Raises: UsageError, if `--set` names nothing."""
        settings = self.settings
        inputs = forced_inputs(settings.forced, self.variable_names, self.catalog, is_open=self.open_names)
        return Memory(settings.defaults, inputs, variables=Variables(settings.forced))

    @cached_property
    def invoker(self) -> Invoker:
        """The framework; folders that cannot be written to are replaced by temporary ones."""
        from invocations.local import local_invoker

        from .settings.folders import make_usable

        self.check_plugins()
        folders, warnings = make_usable(self.settings.folders)
        for warning in warnings:
            self.warn(warning)
        settings = local_settings(self.settings, folders, preview_every=self.preview_every)
        return local_invoker(settings, registry=self.catalog, warn=self.warn)

    @cached_property
    def lookup(self) -> LocalServices:
        """Services that only look up models, schedulers and file names: they write nothing."""
        return self.services_with()

    def services_with(self, **changed: Any) -> LocalServices:
        """Return such services with some settings replaced."""
        from invocations.local import LocalServices

        return LocalServices(replace(local_settings(self.settings, self.settings.folders), **changed))

    def check_plugins(self) -> None:
        """Warn of plug-ins and own nodes that were left out. Raises: NameClash."""
        for problem in self.catalog.problems():
            self.warn(f"left out: {problem}")
        check_clash(self.catalog, self.reserved)

    def names(self, what: str) -> tuple[str, ...]:
        """Return the names of the models, the schedulers or the upscalers."""
        return names(self.lookup, what)

    @property
    def check_value(self) -> Lookup:
        """The check of what a value names."""
        return Lookup(lambda: self.lookup, self.catalog)

    def fork(self) -> Memory:
        """Return an independent copy of the memory, to plan several lines with before any of them runs."""
        return self.memory.fork()

    def plan(self, line: str | Source, memory: Memory | None = None) -> Plan:
        """Return the plan of a line; nothing is changed anywhere. Raises: Refusal, with every error of the line."""
        from .planning.plan_line import plan_line

        source = Source(None, line) if isinstance(line, str) else line
        memory = memory or self.memory
        has_variables = MARK in source.text and (source.name is not None or bool(memory.variables.own))
        return plan_line(
            source,
            catalog=self.catalog,
            scope=memory.scope,
            defaults=memory.defaults,
            directives=self.reserved,
            check=self.check_value,
            fill=memory.variables.fill if has_variables else None,
        )

    def warnings(self, plan: Plan) -> Iterator[str]:
        """Yield what is suspicious in a valid line."""
        from .planning.lint import lint

        return lint(plan, self.lookup)

    def additions(self, plan: Plan) -> Additions:
        """Return the nodes added so that the images of a line are saved, and its results."""
        from .planning.autosave import add_saves, no_additions

        return add_saves(plan, self.catalog) if self._saves_images() else no_additions(plan)

    def check_template(self) -> None:
        """Check the configured file name template. Raises: ConfigError."""
        check_template(self.lookup, self.catalog, self.settings)

    def is_cached(self, plan: Plan) -> bool:
        """Return True if all results of a line are cached, so that no node's class is needed."""
        from invocations.cache.forecast import forecast
        from invocations.running.plain import WORK

        cache = self.invoker.cache
        if cache is None or not self.settings.cache:
            return False
        added = self.additions(plan)
        nodes, edges = plan.nodes + added.nodes, plan.edges + added.edges
        forecasts = forecast(nodes, edges, self.catalog.get, cache, recompute=plan.recompute)
        return all(each.reused or each.type in WORK for each in forecasts)

    @property
    def has_session(self) -> bool:
        """Whether there is a session that lines have joined."""
        return "memory" in self.__dict__ and self.memory.session_id is not None

    @property
    def session_id(self) -> str:
        """The session that lines join; made when the first one does."""
        memory = self.memory
        if memory.session_id is None:
            memory.session_id = self.invoker.create().id
        return memory.session_id

    @property
    def session(self) -> Session:
        """The session that lines join."""
        return self.invoker.open(self.session_id)

    def attach(self, session: Session | str) -> Session:
        """Attach the following lines to an earlier session: they can refer to its stages and continue its last line.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        if isinstance(session, str):
            self.invoker.catch_up(session)
            session = self.invoker.open(session)
        self.memory.session_id = session.id
        self.memory.scope = Scope.of(session)
        return session

    def refresh(self) -> None:
        """Read what another process has added to the session. Raises: SessionMissing, SessionDamaged."""
        session_id = self.memory.session_id
        if session_id is not None and self.invoker.catch_up(session_id):
            self.attach(self.invoker.open(session_id))

    def unfinished(self, session: Session | None = None) -> list[int]:
        """Return the numbers of the lines of a session that have nodes left to run."""
        from .session_lines import unfinished

        return unfinished(session or self.session)

    def add(self, plan: Plan, *, placed: Sequence[StageOutputs] | None = None) -> Session:
        """Add a line to the session, whole or not at all; it runs when a later line needs it.

        placed: the stages that join the scope, if not the plan's. Raises: ConfigError, GraphError, SessionChanged.
        """
        from .extension import extension_of

        added = self.additions(plan)
        if added.nodes:
            self.check_template()
        session = self.invoker.extend(self.session_id, extension_of(plan, added))
        self.memory.scope.add(plan.stage_outputs if placed is None else placed)
        return session

    def submit(self, plan: Plan, *, placed: Sequence[StageOutputs] | None = None, known: bool = False) -> LineRun:
        """Add a line to the session and return its run; known: the session has the line already and resumes it.

        Raises: ConfigError, GraphError, SessionChanged, if another process has added lines: `refresh` and plan again.
        """
        from .extension import place_of
        from .line_run import LineRun
        from .planning.autosave import holds_references
        from .results import seeds_of

        session = self.session if known else self.add(plan, placed=placed)
        added, specs = self.additions(plan), self.catalog
        nodes = tuple(node.id for node in (*plan.nodes, *added.nodes))
        return LineRun(
            self._start(session, nodes, plan.recompute, again=known),
            session,
            self.path,
            plan.source.text,
            nodes,
            added.results,
            source=place_of(plan),
            seeds=seeds_of(plan, session, specs),
            slow=any(node.type in specs and bool(specs[node.type].model_bound) for node in plan.nodes),
            by_reference=holds_references(plan),
        )

    def resume(self, session: Session, numbers: Collection[int]) -> LineRun:
        """Return the run of what is left to do of some lines of a session."""
        from .line_run import LineRun
        from .session_lines import ends, nodes_by_line, uncached_nodes

        by_line = nodes_by_line(session)
        nodes = tuple(id_ for number in numbers for id_ in by_line[number])
        return LineRun(
            self._start(session, nodes, uncached_nodes(session, numbers), again=True),
            session,
            self.path,
            "; ".join(" ".join(session.lines[number - 1].text.split()) for number in numbers),
            nodes,
            ends(session, nodes),
            slow=any(session.graph.node_type(id_).spec.model_bound for id_ in nodes),
        )

    def _start(self, session: Session, nodes: Sequence[str], recompute: Collection[str], *, again: bool) -> Any:
        reuse = self.settings.cache
        return self.invoker.run(session.id, reuse=reuse, recompute=recompute, only=nodes, again=again)

    def results(self, plan: Plan) -> list[Result]:
        """Return the results that a line has so far."""
        return self.results_of(self.session, self.additions(plan).results)

    def results_of(self, session: Session, ends: Collection[tuple[str, str]]) -> list[Result]:
        """Return the results of a session at some ends: node and output."""
        from .results import results_of

        return results_of(session, ends, self.path)

    def image(self, ref: ImageRef) -> Image:
        """Return the pixels of an image."""
        return self.invoker.services.images.get(ref)

    def path(self, ref: ImageRef) -> str:
        """Return the path of an image, relative to the folder if the image is inside it."""
        path = str(self.invoker.services.images.path(ref))
        inside = os.path.relpath(path, self.folder)
        return path if inside.startswith(os.pardir) else inside

    def close(self) -> None:
        """Write what waits to be written and close all files."""
        if "invoker" in self.__dict__:
            self.invoker.services.close()
            self.invoker.close()

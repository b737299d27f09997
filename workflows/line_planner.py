"""Plan lines with a workspace's memory; planning has no side effects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .backend import Backend

if TYPE_CHECKING:
    from invocations.cache.forecast import Forecast
    from invocations.language.source import Source
    from invocations.language.tree import Pipeline
    from invocations.spec import InvocationSpec

    from .memory import Memory
    from .planning.long_lines import LineLimits
    from .planning.plan import Additions, Plan
    from .planning.plan_line import LineAnalysis


LISTED = "its inputs are"  # how the hint for an option begins that resembles no input of its command


class LinePlanner(Backend):
    """A backend that remembers earlier lines, plans new ones, and predicts which results are cached."""

    def __init__(self, *args: Any, saves_images: Callable[[], bool] = lambda: True, **kwargs: Any) -> None:
        """Create a planner; `saves_images` returns whether unused images are saved; see `Backend` for the rest."""
        super().__init__(*args, **kwargs)
        self._saves_images = saves_images
        self.variable_names: frozenset[str] = frozenset()  # the variables of the running script
        self.limits: LineLimits | None = None  # how long a line may be
        self.asks = False  # whether the user can be asked before a large sweep runs
        self.open_names = False  # True while lines arrive one by one: later variables are not known yet

    @cached_property
    def memory(self) -> Memory:
        """What the workspace remembers from line to line. Raises: UsageError, if `--set` has an unknown name."""
        from .memory import Memory  # imported on demand, here and below: `--help` needs only the catalog
        from .planning.defaults import forced_inputs
        from .planning.variables import Variables

        settings = self.settings
        inputs = forced_inputs(settings.forced, self.variable_names, self.catalog, is_open=self.open_names)
        return Memory(settings.defaults, inputs, variables=Variables(settings.forced))

    def fork(self) -> Memory:
        """Return an independent copy of the memory, for planning several lines before any of them runs."""
        return self.memory.fork()

    def set(self, name: str, value: object, *, model: str | None = None) -> None:
        """Set the default of an input for the following lines: `steps`, or `t2i.steps` for one command.

        model: the model that the default is for (default: all models)
        Raises: UsageError, if no command has the input, if no command accepts the value, or if there is no such model.
        """
        from .lookup import check_default, check_for_model, model_name
        from .planning.defaults import by_model_input, for_model, known_input

        name, text = (known_input if model is None else by_model_input)(name, self.catalog), str(value)
        check_default(self.check_value, self.catalog, name, text)
        named = model_name(self.check_value, model) if model is not None else ""
        check_for_model(self.check_value, self.catalog, name, named, text)
        self.memory.set(for_model(name, named), text)

    def plan(self, line: str | Source | Pipeline, memory: Memory | None = None, *, most_items: int = 0) -> Plan:
        """Return the plan of a line, without side effects. Raises: Refusal, with every error of the line.

        line: text, or a tree that was built; strings in a tree are never parsed
        most_items: how many items a sweep may have; by default, the setting `max_items` unless the user can be asked
        Raises: ConfigError, if the line needs a device or a precision that this machine does not have.
        """
        from invocations.language.source import Source

        self.warn_of_folders()
        tree = None
        if isinstance(line, str):
            source = Source(None, line)
        elif isinstance(line, Source):
            source = line
        else:
            from invocations.language.printer import print_tree

            tree, source = line, Source(None, print_tree(line))
        analysis = self.analyze(source, memory, most_items=most_items, tree=tree)
        if any(error.code == "unknown_command" for error in analysis.errors):
            self.warn_of_plugins()  # the command may be in a plug-in that cannot be loaded
        plan = analysis.require_plan(source)
        if any(node.type in self.catalog and self.catalog[node.type].model_bound for node in plan.nodes):
            self.check_device()
        return plan

    def preview(self, line: str | Source) -> tuple[Plan, tuple[str, ...]]:
        """Plan a line that will not be run: a file that already exists causes a note, not an error. Raises: Refusal."""
        from .planning.draft import MOST_ITEMS
        from .planning.planned_files import PlannedFiles
        from .planning.targets import existing

        memory = self.fork()
        memory.files = PlannedFiles(may_exist=True)
        plan = self.plan(line, memory, most_items=MOST_ITEMS)
        return plan, tuple(existing(plan, self.catalog, self.check_value.target))

    def analyze(
        self, line: Source, memory: Memory | None = None, *, most_items: int = 0, tree: Pipeline | None = None
    ) -> LineAnalysis:
        """Plan as much as possible of a line that is still being typed; return it with its errors.

        tree: the tree of the line if it was built rather than parsed
        """
        from invocations.language.variables import MARK

        from .planning.plan_line import analyze_line

        if self.limits is not None and (wrong := self._too_long(line, self.limits)) is not None:
            return wrong
        memory = memory or self.memory
        facts = self.check_with(memory.files)
        has_variables = MARK in line.text and (line.name is not None or bool(memory.variables.own))
        analysis = analyze_line(
            line,
            catalog=self.catalog.with_recipes(memory.recipes) if memory.recipes else self.catalog,
            scope=memory.scope,
            defaults=memory.defaults,
            directives=self.reserved,
            check=facts,
            facts=facts,
            fill=memory.variables.fill if has_variables else None,
            is_used=memory.is_used,
            is_file=self.is_file,
            adjust=memory.adjust,
            most_items=most_items or self._most_items(line),
            tree=tree,
        )
        if not analysis.errors:
            return analysis
        from .planning.defaults import with_origin

        errors = analysis.errors
        directives = [name for word in line.text.split(None, 2)[1:2] for name in self.reserved.having(word)]
        if directives:
            from .planning.meant_directive import with_meant_directive

            errors = with_meant_directive(errors, line, directives)
        if any(error.code == "unknown_option" and (error.hint or "").startswith(LISTED) for error in errors):
            from .planning.inner_hints import with_inner_options

            errors = with_inner_options(errors, line, self.catalog)
        origins = {name: memory.origin(name, self.settings.origins) for name in memory.defaults}
        places = [line.slice(error.span) for error in errors]
        found = [with_origin(error, place, origins) for error, place in zip(errors, places, strict=True)]
        return replace(analysis, errors=tuple(found))

    def _too_long(self, line: Source, limits: LineLimits) -> LineAnalysis | None:
        """Return the error in a line that is too long, or None."""
        from invocations.language.tree import Pipeline

        from .planning.long_lines import too_long
        from .planning.plan_line import LineAnalysis

        error = too_long(line, limits)
        return LineAnalysis(Pipeline(), (), (error,)) if error is not None else None

    def catalog_for(self, words: Sequence[str]) -> Mapping[str, InvocationSpec]:
        """Return the commands, without inputs that have no effect if the words of a line name a model."""
        from .planning.honored import honored, model_in, options_in

        model = model_in(words)
        settings = self.check_value.settings(model) if model else None
        if settings is None:
            return self.catalog
        return {name: honored(spec, settings, options_in(words)) for name, spec in self.catalog.items()}

    def _most_items(self, line: Source) -> int:
        """Return how many items a sweep in a line may have: for a typed line, the user can be asked before it runs."""
        from .planning.draft import MOST_ITEMS

        return MOST_ITEMS if self.asks and line.name is None else self.settings.max_items

    def warnings(self, plan: Plan) -> Iterator[str]:
        """Yield warnings about a valid line."""
        from .planning.lint import lint

        return lint(plan, self.lookup, self.catalog)

    def additions(self, plan: Plan) -> Additions:
        """Return the nodes that are appended to save a line's images, and the results of the line."""
        from .planning.autosave import no_additions

        return plan.additions if self.saves_images else no_additions(plan)

    @property
    def saves_images(self) -> bool:
        """Whether images that no node uses are saved to files."""
        return self._saves_images()

    def forecast(self, plan: Plan) -> list[Forecast]:
        """Predict for each node of a line whether its result is cached; return [] if the cache is off."""
        from invocations.cache.forecast import forecast

        cache = self.invoker.cache
        if cache is None or not self.settings.cache:
            return []
        added = self.additions(plan)
        nodes, edges = plan.nodes + added.nodes, plan.edges + added.edges
        return forecast(nodes, edges, self.catalog.get, cache, recompute=plan.recompute)

    def is_cached(self, plan: Plan) -> bool:
        """Return True if all results of a line are cached, so running it does nothing except, possibly, write files."""
        forecasts, specs = self.forecast(plan), self.catalog
        return bool(forecasts) and all(
            each.reused or (specs[each.type].work and not specs[each.type].reusable) for each in forecasts
        )

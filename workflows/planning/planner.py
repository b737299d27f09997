"""Plan a line from left to right: each stage is drafted, linked and built. Recipes are planned within the line."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from invocations.graph.linking import Offer, accepts
from invocations.language.errors import LanguageError, Refusal
from invocations.language.source import Source, Span
from invocations.language.stage_keys import stage_keys
from invocations.language.tokens import SWEEP
from invocations.language.tree import Option, Pipeline, Stage
from invocations.spec import InvocationSpec

from .autosave import add_saves
from .bind import bind
from .build import Catalog, GraphBuilder
from .draft import MOST_ITEMS, Adjust, Content, Draft, Edit
from .errors import PlanningError, planning_error
from .link import is_filled, link, piped
from .lookup import Check, objections
from .plan import Plan, PlannedStage, declared, primary_of, settled, unconsumed
from .recipes import exposed, insert, linked_parts, pipeline_of, why_broken, with_used_options
from .references import References
from .scope import Chain, Defaults, IsFile, IsUsed, Scope, StageOutputs, no_file, unused

if TYPE_CHECKING:
    from .foresight import FactSource, Foresight


class Planner:
    """Plans one line, stage by stage, from left to right."""

    def __init__(
        self,
        catalog: Catalog,
        scope: Scope,
        defaults: Defaults,
        directives: Collection[str],
        within: tuple[str, ...] = (),
        check: Check | None = None,
        is_used: IsUsed = unused,
        facts: FactSource | None = None,
        adjust: Adjust | None = None,
    ) -> None:
        self.catalog, self.scope, self.defaults, self.check = catalog, scope, defaults, check
        self.directives, self.within, self.adjust, self.facts = directives, within, adjust, facts
        self.is_file: IsFile = no_file
        self.is_image: IsFile = no_file
        self.is_used_later = is_used  # whether a later line refers to a name
        self.edits: list[Edit] = []
        self.is_part = False  # True if further stages may follow and use results that are still unused
        self.following: Sequence[Stage] = ()  # the stages after the current one
        self.most_items = MOST_ITEMS  # how many items a sweep may have
        self.drawn: dict[Span, str] = {}  # the values that were drawn for a word of the line, by its place
        self.texts: list[Span] = []  # the places of each `as` and each NAME that were read as part of free text
        self.errors: list[LanguageError] = []
        self.used: set[Offer] = set()  # the outputs linked to recipes that are not expanded because of an error
        self.builder = GraphBuilder(catalog)
        self.commands: dict[str, Span] = {}  # the place of each node's command
        self.references = References(scope)
        self.stages: list[PlannedStage] = []
        self.drafts: list[Draft] = []  # of the stages whose command is known
        self.chain = Chain()
        self.previous: StageOutputs | None = None
        self.linked: Mapping[str, Content] = {}  # results to be inserted into a recipe's strings
        self.lost = False  # True once a stage could not be planned: later ones may lack its outputs

    def line(self, pipeline: Pipeline) -> None:
        if pipeline.continues and self.scope.last is None:
            message = "nothing to continue: the session has no earlier line"
            span = Span(pipeline.span.start, pipeline.span.start + 1)
            self.errors.append(LanguageError("nothing_before", message, span, "remove the leading `|`"))
            self.lost = True
        elif pipeline.continues:
            self.previous = self.scope.last
            self.chain = Chain(self.scope.last.chain if self.scope.last else None)
        elif not pipeline.stages:
            self.errors.append(LanguageError("empty_line", "the line has no command", pipeline.span))
        for place, stage in enumerate(pipeline.stages):
            self.following = pipeline.stages[place + 1 :]
            self.stage(stage, self.scope.next_number + place)
        complete = not (self.errors or self.lost or self.is_part)
        if complete and len(results := unconsumed(self.stages, self.builder.links)) > 1:
            from .unused import is_refused, refusal, unused_results

            unused = unused_results(self.stages, results, self.catalog)
            self.errors += [refusal(each) for each in unused if is_refused(each[2])]

    @property
    def begins(self) -> bool:
        """Whether this is the first stage, which may begin with a mistyped directive or with image paths."""
        return not self.lost and (self.previous is None or self.previous.command == SWEEP)

    def stage(self, stage: Stage, number: int) -> None:
        spec = self.catalog.get(stage.command.text)
        if spec is None and stage.command.text == SWEEP:
            from .sweeps.sweep_line import plan_sweep  # imported on demand: few lines begin with `sweep`

            return self.keep(plan_sweep(self, stage, number))
        if spec is None:
            self.errors.append(self.unknown(stage, begins=self.begins))
            self.add_outputs(StageOutputs(number, stage.command.text, stage.name, (), None, self.chain))
            self.lost = True
            return
        start, self.builder.command = len(self.builder.nodes), spec.type
        self.drafts.append(draft := self.draft(stage, spec, {}))
        self.errors += self.references.duplicate(draft.name, stage.name_span)
        try:
            offers = self.make(draft, str(number), stage=number)
        except PlanningError as refused:
            self.errors.append(refused.error)
            offers = declared(spec, str(number), number, draft.loops)
        primary, known = primary_of(spec, offers, lists=draft.returns_list), self.known
        placed = StageOutputs(number, spec.type, draft.name, tuple(offers), primary, self.chain, draft.unnamed, known)
        made = tuple(node.id for node in self.builder.nodes[start:])
        self.commands |= dict.fromkeys(made, stage.command.span)
        self.keep(PlannedStage(placed, made, spec.is_recipe, stage.span, draft.links, tuple(draft.notes)))

    def keep(self, planned: PlannedStage) -> None:
        self.stages.append(planned)
        self.add_outputs(planned.stage_outputs)

    def unknown(self, stage: Stage, *, begins: bool = False) -> LanguageError:
        """Return the error for an unknown command."""
        from .unknown_words import unknown_command  # imported on demand: most lines have no unknown words

        return unknown_command(stage, self.catalog, self.directives, begins=begins)

    def add_outputs(self, placed: StageOutputs) -> None:
        self.references.add(placed)
        self.chain.add(placed.offers)
        self.previous = placed

    def draft(self, stage: Stage, spec: InvocationSpec, given: Mapping[str, Content]) -> Draft:
        """Return the draft of a stage, bound and linked; errors are added to `errors`."""
        before = self.previous.primary if self.previous else None
        spec = with_used_options(spec, stage, given, self.catalog)
        primary = spec.primary_input
        is_given = primary is not None and primary.name in given
        options = {argument.name for argument in stage.arguments if isinstance(argument, Option)}
        into = is_given or (piped(spec, before) and "no-link" not in options)
        fits = is_given or (primary is not None and before is not None and accepts(primary, before))
        errors = len(self.errors)
        draft = bind(
            stage,
            spec,
            self.references,
            piped=into,
            fits=fits,
            errors=self.errors,
            is_used=self.is_used,
            begins=self.begins and primary is not None and not is_filled(spec, primary, self.defaults, self.chain),
            is_file=self.is_file,
            is_image=self.is_image,
        )
        self.texts += draft.texts
        draft.whole = draft.whole and not self.lost
        draft.contents.update(given)
        if self.adjust is not None:
            try:
                self.edits += self.adjust(draft)
            except PlanningError as failed:
                self.errors.append(failed.error)
        giver = self.previous.command if self.previous else ""
        self.errors += link(draft, before, self.chain, defaults=self.defaults, giver=giver)
        if draft.has_axes:
            from .sweeps.expand import expand  # imported on demand: few lines have a sweep

            self.errors += (refused := expand(draft, self.most_items, self.builder.salt, self.facts))
            self.lost = self.lost or bool(refused)
            self.drawn |= draft.drawn
        draft.sound = len(self.errors) == errors
        self.errors += objections(draft, self.check)
        return draft

    def is_used(self, name: str) -> bool:
        """Whether a later stage, in this or a later line, refers to the current stage by name."""
        from .name_uses import is_used_in  # imported on demand: few lines have an `as NAME` after free text

        found = is_used_in(self.following, name)
        return self.is_used_later(name) if found is None else found

    def make(self, draft: Draft, node_id: str, *, stage: int) -> list[Offer]:
        """Add the node of a draft, or all nodes of a recipe; return the outputs. Raises: PlanningError."""
        start = len(self.builder.nodes)
        try:
            return self.made(draft, node_id, stage=stage)
        finally:
            if not draft.reuse:
                self.builder.recompute.update(node.id for node in self.builder.nodes[start:])

    def made(self, draft: Draft, node_id: str, *, stage: int) -> list[Offer]:
        self.builder.around = draft.axes_around
        if draft.is_swept:
            from .sweeps.place import place

            place(draft, self.builder, node_id.split(".")[0], stage=stage)
        if not draft.spec.is_recipe:
            self.builder.taken.add(node_id)
            if isinstance(draft.sources, list):
                from .several_paths import add_loaders

                return add_loaders(self.builder, node_id, draft.spec, draft.contents, stage=stage)
            return self.builder.add_node(node_id, draft.spec, draft.contents, stage=stage)
        if not (draft.whole and draft.sound):
            self.used |= set(draft.offers)
            return declared(draft.spec, node_id, stage, draft.loops)
        return self.expand(draft, node_id, stage=stage)

    def expand(self, draft: Draft, node_id: str, *, stage: int) -> list[Offer]:
        """Plan a recipe's pipeline inside this line. Raises: PlanningError, if the recipe itself is broken."""
        spec, span = draft.spec, draft.stage.command.span
        contents = {
            name: self.builder.materialize(field, draft.contents[name], node_id.split(".")[0], stage=stage)
            for name in draft.contents
            if (field := spec.input(name)) is not None
        }
        if spec.type in self.within:
            raise planning_error("broken_recipe", f"the recipe `{spec.type}` uses itself", span)
        inner = Planner(self.catalog, Scope(), self.defaults, (), (*self.within, spec.type))
        inner.builder, inner.is_file, inner.linked = self.builder, self.is_file, linked_parts(spec, contents)
        try:
            pipeline = pipeline_of(spec, draft.contents, self.catalog)
            offers = inner.recipe(pipeline, exposed(spec, contents), node_id, stage=stage)
        except Refusal as refused:
            inner.errors = list(refused.errors)
            offers = []
        if inner.errors:
            hint = f"it is defined in {spec.origin}" if spec.origin != "built in" else None
            raise planning_error("broken_recipe", why_broken(spec, inner.errors), span, hint)
        return offers

    def recipe(
        self, pipeline: Pipeline, given: Mapping[str, Mapping[str, Content]], prefix: str, *, stage: int
    ) -> list[Offer]:
        """Plan the stages of a recipe with the values of its inputs; return the outputs of its last stage."""
        offers: list[Offer] = []
        for index, (key, inner) in enumerate(zip(stage_keys(pipeline.stages), pipeline.stages, strict=True), 1):
            spec = self.catalog.get(inner.command.text)
            if spec is None:
                self.errors.append(self.unknown(inner))
                return []
            self.following = pipeline.stages[index:]
            draft = self.draft(inner, spec, given.get(key, {}))
            for name, content in draft.contents.items():
                if name not in given.get(key, {}):  # drop the span, which is a place in the recipe
                    own = content.origin == "written" and not content.offers
                    draft.contents[name] = Content(content.value, "recipe" if own else content.origin)
            insert(draft, self.linked, self.builder, prefix, stage=stage)
            node_id = self.builder.new_id(prefix, inner.command.text)
            try:
                offers = self.make(draft, node_id, stage=stage)
            except PlanningError as refused:
                self.errors.append(refused.error)
                return []
            primary = primary_of(spec, offers)
            self.add_outputs(StageOutputs(index, spec.type, draft.name, tuple(offers), primary, self.chain))
        return offers

    def known(self) -> Foresight | None:
        """Return what is known about the results of the line."""
        return self.foresight

    @cached_property
    def foresight(self) -> Foresight | None:
        """What is known about the nodes before they run, or None if nothing is known about files and models."""
        if self.facts is None:
            return None
        from .foresight import Foresight  # imported on demand: few lines need it

        return Foresight(self.builder, self.catalog, self.facts, self.scope, self.check)

    def refuse_unusable(self) -> None:
        """Add an error for each input that its node would refuse when it runs, and for each file it could not write."""
        checks = self.builder.prechecks(written_only=bool(self.errors) or self.lost)
        acts = {"saves", "gathers"} & {role for node in self.builder.nodes for role in self.catalog[node.type].roles}
        if (checks or acts or self.builder.limited_links()) and self.foresight is not None:
            complete, lost = not (self.errors or self.lost), self.lost
            self.errors += self.foresight.errors(checks, self.commands, complete=complete, lost=lost)

    def plan(self, source: Source) -> Plan:
        nodes, links = tuple(self.builder.nodes), tuple(self.builder.links)
        results = unconsumed(self.stages, links)
        return Plan(
            source,
            tuple(self.stages),
            nodes,
            links,
            settled(self.builder.values, self.known),
            results,
            add_saves(nodes, [link.edge for link in links], results, self.catalog),
            frozenset(self.builder.recompute),
            self.scope.lines + 1,
            edits=tuple(self.edits),
            axes=tuple(self.builder.axes),
            items=self.builder.items,
        )

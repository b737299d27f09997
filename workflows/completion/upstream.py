"""What comes before an unfinished stage, and which links a command at that place would make; by the real planner."""

from __future__ import annotations

from invocations.graph.linking import Offer, accepts, enters_pipe, named, reference_kinds, typed
from invocations.language.parser import read
from invocations.language.source import Source
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.planner import Planner
from workflows.planning.scope import StageOutputs

from .context import CompletionContext
from .cursor import Cursor

MAX_LINKS = 3  # of a command in its line of the menu


class Upstream:
    """The planned stages before the one being typed."""

    def __init__(self, cursor: Cursor, context: CompletionContext) -> None:
        self.context = context
        self.planner = Planner(context.catalog, context.scope, context.defaults, context.reserved)
        if cursor.before:
            self.planner.line(read(Source(None, cursor.before))[0])

    @property
    def primary(self) -> Offer | None:
        """Return what comes through the bar."""
        return self.planner.previous.primary if self.planner.previous else None

    @property
    def placed(self) -> list[StageOutputs]:
        """Return the stages that can be referenced, latest first."""
        earlier = self.context.scope.by_number
        return [*reversed(self.planner.references.line), *(earlier[number] for number in sorted(earlier, reverse=True))]

    def is_piped_into(self, spec: InvocationSpec) -> bool:
        """Return True if the bar fills the primary input, so that positional arguments skip it."""
        return enters_pipe(spec.primary_input, self.primary)

    def accepted_by(self, spec: InvocationSpec) -> bool:
        """Return True if a command accepts what comes through the bar."""
        primary = spec.primary_input
        return primary is not None and self.primary is not None and accepts(primary, self.primary)

    def links(self, spec: InvocationSpec) -> str:
        """Return the links that a command would make here, in a few words."""
        made = [(field, offer) for field in spec.inputs if (offer := self._link(field)) is not None]
        shown = [f"{field.name} <- @{offer.stage}.{offer.name}" for field, offer in made[:MAX_LINKS]]
        return ", ".join(shown) + (", ..." if len(made) > MAX_LINKS else "")

    def _link(self, field: FieldSpec) -> Offer | None:
        if field.given == "written":
            return None
        if field.primary and self.primary is not None and accepts(field, self.primary):
            return self.primary
        chain = self.planner.chain
        offer = named(field, chain.named(field.name))
        if offer is None and field.required and field.type.is_reference:
            found = typed(field, chain.typed(reference_kinds(field.type)), (self.primary,) if self.primary else ())
            offer = found[0] if len(found) == 1 else None
        return offer

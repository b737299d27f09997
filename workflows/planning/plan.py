"""The plan of a line: its stages, nodes and results, its links with their reasons, its values with their origins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from invocations.frozen import frozen
from invocations.graph.graph import Edge, Node
from invocations.graph.linking import Loop, Offer
from invocations.language.source import Source, Span

from .build import PlannedLink, PlannedValue, is_left_out
from .draft import Edit
from .scope import StageOutputs

if TYPE_CHECKING:
    from invocations.sessions.session import Extension
    from invocations.spec import InvocationSpec

    from .ignored import Ignored
    from .sweeps.axes import SweepAxis


@frozen
class PlannedStage:
    """A planned stage.

    stage_outputs: the outputs of the stage, by the names used in the line
    nodes: the ids of its nodes, in the order they were added
    links: False after `--no-link`, which allows only written links
    notes: messages about words that may have been read differently from what the user meant
    """

    stage_outputs: StageOutputs
    nodes: tuple[str, ...]
    is_recipe: bool
    span: Span
    links: bool = True
    notes: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        return self.stage_outputs.number

    @property
    def command(self) -> str:
        return self.stage_outputs.command

    @property
    def name(self) -> str | None:
        return self.stage_outputs.name

    @property
    def outputs(self) -> Mapping[str, tuple[str, str]]:
        """For each output of the stage, by name: the id of a node and the name of that node's output."""
        return {offer.name: (offer.node, offer.output) for offer in self.stage_outputs.offers}

    @property
    def primary(self) -> tuple[str, str] | None:
        """The output that `|` pipes into the next stage, as the id of its node and its name, or None."""
        return (
            (self.stage_outputs.primary.node, self.stage_outputs.primary.output) if self.stage_outputs.primary else None
        )


@frozen
class Additions:
    """The nodes and edges that are added to save a line's images.

    results: the node and output of each result; for a saved image, its `save` node and that node's output
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    results: tuple[tuple[str, str], ...]


@frozen
class Plan:
    """A valid line, ready to run.

    results: the outputs that no other stage uses
    additions: the nodes and edges that save the images among the results
    recompute: the ids of nodes that run even if their results are cached
    text: the line after variables were replaced and edits were made, or "" if there are none
    edits: the values that replace values in the line
    axes: the axes of the line's sweeps, in the order in which they were written
    ignored: the inputs that have no effect with their model
    items: how many items its largest sweep has, as far as that is known; 0 without a sweep
    """

    source: Source
    stages: tuple[PlannedStage, ...]
    nodes: tuple[Node, ...]
    links: tuple[PlannedLink, ...]
    values: tuple[PlannedValue, ...]
    results: tuple[Offer, ...]
    additions: Additions
    recompute: frozenset[str] = frozenset()
    line_number: int = 1
    text: str = ""
    edits: tuple[Edit, ...] = ()
    axes: tuple[SweepAxis, ...] = ()
    items: int = 0
    ignored: tuple[Ignored, ...] = ()

    @property
    def edges(self) -> tuple[Edge, ...]:
        return tuple([link.edge for link in self.links])

    @property
    def notes(self) -> tuple[str, ...]:
        """Messages about words that may have been read differently from what the user meant."""
        names = [
            f"`as {each.unnamed}` was read as part of the text; "
            f"to name the stage, write: {each.command} --as {each.unnamed} ..."
            for each in self.stage_outputs
            if each.unnamed
        ]
        return (*names, *(note for stage in self.stages for note in stage.notes))

    @property
    def stage_outputs(self) -> tuple[StageOutputs, ...]:
        """The outputs of all stages, to pass to `Scope.add` once the line is accepted."""
        return tuple([stage.stage_outputs for stage in self.stages])

    def extension(self, *, line: str = "", source: str = "") -> Extension:
        """Return what the line adds to a session; `line` overrides the text that is recorded."""
        from invocations.sessions.session import Extension, SessionStage

        stages = tuple(
            SessionStage(s.number, s.command, s.name, self.line_number, s.nodes, s.outputs, s.primary)
            for s in self.stages
        )
        return Extension(self.nodes, self.edges, stages, line or self.text or self.source.text, source)


class Settles(Protocol):
    """Knows values that the model or an image provides."""

    def settled(self, value: PlannedValue) -> PlannedValue:
        """Return a planned value, filled in as far as it is known."""


def settled(values: Sequence[PlannedValue], known: Callable[[], Settles | None]) -> tuple[PlannedValue, ...]:
    """Return the values of a line; those from the model or an image are filled in as far as they are known."""
    settles = known() if any(map(is_left_out, values)) else None
    if settles is None:
        return tuple(values)
    return tuple([value if value.value is not None else settles.settled(value) for value in values])


def unconsumed(stages: Sequence[PlannedStage], links: Iterable[PlannedLink]) -> tuple[Offer, ...]:
    """Return the primary outputs of the stages of a line that no later stage uses."""
    own = {node_id: stage for stage in stages for node_id in stage.nodes}
    consumed = set()
    for made in links:
        giver, taker = own.get(made.edge.source), own.get(made.edge.target)
        if giver is not None and giver is not taker:
            consumed.add(giver.number)
    primary = [each.stage_outputs.primary for each in stages if each.number not in consumed]
    return tuple(offer for offer in primary if offer is not None)


def declared(spec: InvocationSpec, node_id: str, stage: int, loops: tuple[Loop, ...] = ()) -> list[Offer]:
    """Return the outputs of a stage as its command declares them, with the loops around it."""
    return [Offer(stage, output.name, output.type, node_id, output.name, loops) for output in spec.outputs]


def primary_of(spec: InvocationSpec, offers: Sequence[Offer], *, lists: bool = False) -> Offer | None:
    """Return the output that `|` pipes into the next stage, or None; `lists`: whether the stage loads a list."""
    if lists:
        return next(offer for offer in offers if offer.type.base == "list")
    output = spec.primary_output
    return next((offer for offer in offers if offer.name == output.name), None) if output else None

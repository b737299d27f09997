"""The plan of a line: stages, nodes, links with their reasons, values with their origins, results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.graph.graph import Edge, Node
from invocations.graph.linking import Offer
from invocations.language.source import Source, Span

from .build import PlannedLink, PlannedValue
from .scope import StageOutputs

if TYPE_CHECKING:
    from invocations.sessions.session import Extension


@frozen
class PlannedStage:
    """A stage as planned: its nodes in the order they were added, and its outputs by the names the line knows.

    `links` is False after `--no-link`: then nothing is linked that is not written.
    """

    stage_outputs: StageOutputs
    nodes: tuple[str, ...]
    is_recipe: bool
    span: Span
    links: bool = True

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
        """Return node and output for each output of the stage, by name."""
        return {offer.name: (offer.node, offer.output) for offer in self.stage_outputs.offers}

    @property
    def primary(self) -> tuple[str, str] | None:
        """Return the node and the output that a bar passes on."""
        return (
            (self.stage_outputs.primary.node, self.stage_outputs.primary.output) if self.stage_outputs.primary else None
        )


@frozen
class Additions:
    """Nodes and edges that save a line's images, and its results: (node, output), that of `save` for a saved image."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    results: tuple[tuple[str, str], ...]


@frozen
class Plan:
    """A valid line, ready to run; nodes in `recompute` run even if their results are cached."""

    source: Source
    stages: tuple[PlannedStage, ...]
    nodes: tuple[Node, ...]
    links: tuple[PlannedLink, ...]
    values: tuple[PlannedValue, ...]
    results: tuple[Offer, ...]
    additions: Additions  # what saves the images among the results
    recompute: frozenset[str] = frozenset()
    line_number: int = 1
    text: str = ""  # the line with its variables replaced, "" if it has none

    @property
    def edges(self) -> tuple[Edge, ...]:
        return tuple([link.edge for link in self.links])

    @property
    def stage_outputs(self) -> tuple[StageOutputs, ...]:
        """Return the stages to pass to `Scope.add` once the line is accepted."""
        return tuple([stage.stage_outputs for stage in self.stages])

    def extension(self, *, line: str = "", source: str = "") -> Extension:
        """Return what the line adds to a session; `line` is its text, if it differs from the source."""
        from invocations.sessions.session import Extension, SessionStage

        stages = tuple(
            SessionStage(s.number, s.command, s.name, self.line_number, s.nodes, s.outputs, s.primary)
            for s in self.stages
        )
        return Extension(self.nodes, self.edges, stages, line or self.text or self.source.text, source)

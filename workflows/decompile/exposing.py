"""Which input of a stage's command stands behind an input of one of the nodes it became."""

from __future__ import annotations

from collections.abc import Iterator

from invocations.graph.graph import Graph
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.recipes import body, keys
from workflows.values.codecs import LOADED_BY

from .segments import Catalog

Target = tuple[str, str]  # a node's type and its input


class Exposing:
    """The inputs of recipes, with the inputs of nodes they go to; worked out once for each."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._known: dict[str, dict[Target, str]] = {}

    def field(self, spec: InvocationSpec, graph: Graph, node: str, name: str) -> FieldSpec | None:
        """Return the input to write so that a node's input becomes another; None where none stands behind it."""
        target = self._past_loader(spec, graph, node, name)
        if not spec.is_recipe:
            return spec.input(target[1]) if target[0] == spec.type else None
        exposed = self._targets(spec).get(target)
        return spec.input(exposed) if exposed else None

    def _past_loader(self, spec: InvocationSpec, graph: Graph, node: str, name: str) -> Target:
        """Return the input that a node brings a file or a model to, where it was put there for that."""
        kind = graph.nodes[node].type
        if kind in LOADED_BY.values() and kind != spec.type and not graph.incoming(node):
            for edge in graph.outgoing(node):
                return graph.nodes[edge.target].type, edge.input
        return kind, name

    def _targets(self, spec: InvocationSpec) -> dict[Target, str]:
        found = self._known.get(spec.type)
        if found is None:
            found = self._known[spec.type] = {}
            for exposure in spec.exposures:
                for stage, name in exposure.targets:
                    for target in self._ends(spec, stage, name):
                        found.setdefault(target, exposure.name)
        return found

    def _ends(self, spec: InvocationSpec, key: str, name: str) -> Iterator[Target]:
        stages = body(spec.pipeline).stages
        stage = dict(zip(keys(stages), stages, strict=True)).get(key)
        inner = self._catalog.get(stage.command.text) if stage is not None else None
        if inner is None:
            return
        if not inner.is_recipe:
            yield inner.type, name
            return
        yield from (target for target, exposed in self._targets(inner).items() if exposed == name)

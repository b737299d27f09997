"""Flatten recipes: find the nodes that a recipe expands to, and the node inputs that each input of the recipe sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from invocations.graph.graph import Graph
from invocations.language.stage_keys import stage_keys
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.recipes import body

Catalog = Mapping[str, InvocationSpec]
Key = tuple[str, ...]  # the keys of the enclosing recipes, then the key of the stage
Target = tuple[str, str]  # the type of a node, and one of its inputs
MAX_DEPTH = 8  # how deep recipes may be nested


@dataclass(slots=True)
class Flattened:
    """The nodes of a recipe: their types by key, and the node inputs that each input of the recipe sets."""

    types: dict[Key, str] = field(default_factory=dict)
    inputs: dict[str, list[tuple[Key, str]]] = field(default_factory=dict)


def flatten(spec: InvocationSpec, catalog: Catalog, depth: int = 0, *, whole: bool = False) -> Flattened | None:
    """Return the nodes of a recipe; None if it uses an unknown command or recipes are nested too deeply.

    whole: with all optional stages.
    """
    stages = body(spec.with_optional if whole and spec.optional else spec.pipeline).stages
    flat = Flattened()
    inner: dict[str, Flattened] = {}
    for key, stage in zip(stage_keys(stages), stages, strict=True):
        command = catalog.get(stage.command.text)
        if command is None or depth > MAX_DEPTH:
            return None
        if not command.is_recipe:
            flat.types[(key,)] = command.type
            continue
        deeper = flatten(command, catalog, depth + 1, whole=whole)
        if deeper is None:
            return None
        inner[key] = deeper
        flat.types.update({(key, *rest): type_ for rest, type_ in deeper.types.items()})
    for exposure in spec.exposures:
        first = [target for target in exposure.targets if target[0] in spec.optional][:1] if whole else []
        targets = first or [target for target in exposure.targets if target[0] not in spec.optional]
        flat.inputs[exposure.name] = [end for key, name in targets for end in _ends(inner, key, name)]
    return flat


def _ends(inner: Mapping[str, Flattened], key: str, name: str) -> Iterator[tuple[Key, str]]:
    if key not in inner:
        yield (key,), name
        return
    yield from (((key, *rest), end) for rest, end in inner[key].inputs.get(name, ()))


class ExposedInputs:
    """Finds which input of a command sets a given input of one of its nodes; computed once for each recipe."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._cache: dict[str, dict[Target, str]] = {}

    def field(self, spec: InvocationSpec, graph: Graph, node: str, name: str) -> FieldSpec | None:
        """Return the input of a command that sets an input of a node, or None if no input does."""
        return self.sets(spec, self._past_loader(spec, graph, node, name))

    def sets(self, spec: InvocationSpec, target: Target) -> FieldSpec | None:
        """Return the input of a command that sets an input of the nodes of a type, or None if no input does."""
        if not spec.is_recipe:
            return spec.input(target[1]) if target[0] == spec.type else None
        exposed = self._targets(spec).get(target)
        return spec.input(exposed) if exposed else None

    def _past_loader(self, spec: InvocationSpec, graph: Graph, node: str, name: str) -> Target:
        """Return the stage input that a loader node was added for; for any other node, the input unchanged."""
        type_ = graph.nodes[node].type
        if "loads" in graph.node_type(node).spec.roles and type_ != spec.type and not graph.incoming(node):
            for edge in graph.outgoing(node):
                return graph.nodes[edge.target].type, edge.input
        return type_, name

    def _targets(self, spec: InvocationSpec) -> dict[Target, str]:
        found = self._cache.get(spec.type)
        if found is None:
            found = self._cache[spec.type] = {}
            for exposure in spec.exposures:
                for stage, name in exposure.targets:
                    for target in self._node_inputs(spec, stage, name):
                        found.setdefault(target, exposure.name)
        return found

    def _node_inputs(self, spec: InvocationSpec, key: str, name: str) -> Iterator[Target]:
        stages = body(spec.with_optional or spec.pipeline).stages
        stage = dict(zip(stage_keys(stages), stages, strict=True)).get(key)
        inner = self._catalog.get(stage.command.text) if stage is not None else None
        if inner is None:
            return
        if not inner.is_recipe:
            yield inner.type, name
            return
        yield from (target for target, exposed in self._targets(inner).items() if exposed == name)

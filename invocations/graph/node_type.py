"""The metadata of an invocation, prepared for graphs: inputs and outputs by name, required inputs, type variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from invocations.frozen import frozen
from invocations.spec import FieldSpec, InvocationSpec, OutputSpec

from .compatible import with_variables

Specs = Mapping[str, InvocationSpec] | Callable[[str], "InvocationSpec | None"]


@frozen
class NodeType:
    """The metadata of one type of node."""

    spec: InvocationSpec
    inputs: Mapping[str, FieldSpec]
    outputs: Mapping[str, OutputSpec]
    required: tuple[str, ...]
    seeds: tuple[str, ...]  # inputs that get a random value if they have none
    variables: frozenset[str]  # inputs whose type contains a type variable
    generic: bool  # whether types depend on links, or several inputs must have the same type
    many: str  # the input that accepts several edges, or "" if there is none
    condition: str  # the condition input of an `if` node, or "" for other nodes
    branches: tuple[str, ...]  # the branch inputs of an `if` node: the one for true, then the one for false


class NodeTypes(dict[str, NodeType]):
    """All node types by name; each is built from the invocation's metadata when it is first looked up."""

    def __init__(self, specs: Specs) -> None:
        super().__init__()
        self._find = specs.get if isinstance(specs, Mapping) else specs

    def __missing__(self, name: str) -> NodeType:
        """Build and return the node type with this name. Raises: KeyError, if there is none or it is a recipe."""
        spec = self._find(name)
        if spec is None or spec.is_recipe:
            raise KeyError(name)
        known = self[name] = node_type_of(spec)
        return known


def node_type_of(spec: InvocationSpec) -> NodeType:
    """Prepare an invocation's metadata for graphs."""
    names = tuple([field.name for field in spec.inputs])
    variables = frozenset(with_variables(spec.inputs))
    condition = ""
    if spec.role == "if":
        primary = spec.primary_input
        condition = "condition" if "condition" in names or primary is None else primary.name
    return NodeType(
        spec=spec,
        inputs={field.name: field for field in spec.inputs},
        outputs={field.name: field for field in spec.outputs},
        required=tuple([field.name for field in spec.inputs if field.required]),
        seeds=tuple([field.name for field in spec.inputs if field.seed]),
        variables=variables,
        generic=bool(variables or with_variables(spec.outputs)),
        many="item" if spec.role == "collect" else "",
        condition=condition,
        branches=tuple(name for name in names if name != condition)[:2] if condition else (),
    )

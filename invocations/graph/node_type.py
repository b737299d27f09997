"""An invocation's metadata as a graph needs it: inputs and outputs by name, required ones, variable types."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from invocations.frozen import frozen
from invocations.spec import FieldSpec, InvocationSpec, OutputSpec

from .compatible import has_variable

Specs = Mapping[str, InvocationSpec] | Callable[[str], "InvocationSpec | None"]


@frozen
class NodeType:
    """One type's inputs and outputs by name."""

    spec: InvocationSpec
    inputs: Mapping[str, FieldSpec]
    outputs: Mapping[str, OutputSpec]
    required: tuple[str, ...]
    seeds: tuple[str, ...]  # inputs that are drawn when without a value
    variables: frozenset[str]  # inputs whose type holds a type variable
    generic: bool  # some output's type depends on what is linked, or some inputs must agree
    many: str  # the one input that takes many edges ("" = none)
    condition: str  # an `if`'s condition ("" = no `if`)
    branches: tuple[str, ...]  # an `if`'s branches: the one for true, the one for false


class NodeTypes:
    """NodeTypes by type, made from metadata on first use."""

    def __init__(self, specs: Specs) -> None:
        self._find = specs.get if isinstance(specs, Mapping) else specs
        self._known: dict[str, NodeType] = {}

    def __getitem__(self, name: str) -> NodeType:
        """Return the node type of that name. Raises: KeyError, if there is none or it is a recipe."""
        known = self._known.get(name)
        if known is None:
            spec = self._find(name)
            if spec is None or spec.is_recipe:
                raise KeyError(name)
            known = self._known[name] = node_type_of(spec)
        return known


def node_type_of(spec: InvocationSpec) -> NodeType:
    """Arrange an invocation's metadata for a graph."""
    names = tuple([field.name for field in spec.inputs])
    variables = frozenset([field.name for field in spec.inputs if has_variable(field.type)])
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
        generic=bool(variables) or any(has_variable(output.type) for output in spec.outputs),
        many="item" if spec.role == "collect" else "",
        condition=condition,
        branches=tuple(name for name in names if name != condition)[:2] if condition else (),
    )

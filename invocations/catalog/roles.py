"""Roles: what planning and applications use a node for, so that no code outside `nodes/` depends on a node's name.

A unique role belongs to exactly one node, which planning adds to graphs when the role is needed. That node is built in,
so a line means the same graph everywhere. Plug-ins may only have roles that are not unique.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from invocations.spec import InvocationSpec

ROLES: Final[Mapping[str, str]] = {
    "loads": "turns a name or a path (its first positional argument) into a reference; one node per kind of reference",
    "saves": "writes an image to a file and passes it on",
    "shows": "shows an image and passes it on",
    "spreads": "runs the following nodes once for each item of a list",
    "expands": "makes prompts from a template",
    "gathers": "collects the items of a loop into a list",
    "lists": "makes a list of the values written after it",
    "zips": "pairs the items of two lists",
    "picks": "takes one item of a list",
    "formats": "inserts values at {a}, {b} and so on in a string; the inputs are named after the placeholders",
    "replaces": "replaces part of a text: its positional inputs are the text, the old string and the new string",
    "masks": "makes a mask from an image; every other input accepts a value that has no effect",
    "starts": "starts an image from noise, so its width and height must suit the model",
    "adapts": "takes a model (its main input) and returns it with other weights; the model's settings stay the same",
}
OVERWRITE: Final = "overwrite"  # name of the input that allows a node to overwrite a file
SHARED: Final = frozenset({"shows", "starts", "adapts"})


class Indexed(Mapping[str, InvocationSpec]):
    """A catalog that finds the type with a unique role without reading every spec."""

    @property
    @abstractmethod
    def roles(self) -> Mapping[str, str]:
        """The type of each unique role; the role of a loader is `loads:KIND`."""


def unique_roles(spec: InvocationSpec) -> Iterator[str]:
    """Yield the unique roles of a node; the role of a loader includes the kind of reference that it returns."""
    for role in spec.roles:
        if role == "loads":
            yield f"loads:{kind_of(spec)}"
        elif role not in SHARED:
            yield role


def kind_of(spec: InvocationSpec) -> str:
    """Return the kind of reference that a node's primary output is, or "" if it is not a reference."""
    return spec.primary_output.type.kind if spec.primary_output else ""


def with_role(catalog: Mapping[str, InvocationSpec], role: str) -> InvocationSpec | None:
    """Return the metadata of the node with this unique role, or None."""
    if isinstance(catalog, Indexed):
        return catalog[catalog.roles[role]] if role in catalog.roles else None
    return next((spec for spec in catalog.values() if role in unique_roles(spec)), None)


def roles_of(catalog: Mapping[str, InvocationSpec], type_: str) -> tuple[str, ...]:
    """Return the roles of a type, or an empty tuple if the type is unknown."""
    spec = catalog.get(type_)
    return spec.roles if spec else ()


def first_argument(spec: InvocationSpec) -> str:
    """Return the name of a node's first positional input."""
    for field in spec.inputs:
        if field.position == 1:
            return field.name
    raise LookupError(f"`{spec.type}` has no positional inputs")


def clash(spec: InvocationSpec, others: Iterable[InvocationSpec]) -> str:
    """Return an error message if a node claims the unique role of another, otherwise ""."""
    taken = {role: other.type for other in others for role in unique_roles(other)}
    return next((f"the role `{role}` belongs to `{taken[role]}`" for role in unique_roles(spec) if role in taken), "")


def loader_of(catalog: Mapping[str, InvocationSpec], kind: str) -> InvocationSpec | None:
    """Return the node that loads references of a kind, or else of a more general kind (a mask is an image)."""
    if exact := with_role(catalog, f"loads:{kind}"):
        return exact
    from invocations.values import KINDS, Ref  # imported late because only masks need it

    kinds = [cls.kind for cls in KINDS[kind].__mro__ if issubclass(cls, Ref)]
    return next((spec for each in kinds if (spec := with_role(catalog, f"loads:{each}"))), None)

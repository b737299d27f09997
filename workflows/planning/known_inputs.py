"""What is known about the inputs of one node before its line runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from invocations.graph.linking import reference_kinds
from invocations.precheck.known import Known, Size, Unknown

if TYPE_CHECKING:
    from invocations.graph.graph import Edge, Node
    from invocations.services.models.base import ModelSettings
    from invocations.spec import InvocationSpec

    from .build import PlannedLink

T = TypeVar("T")
Values = Sequence[Any]  # the values of an output, one for each iteration of its enclosing loops
SIZED = frozenset({"image", "mask", "latents"})  # kinds of references whose size is known


class KnownLine(Protocol):
    """What is known about the nodes of a line and about the nodes that they use."""

    def inputs(self, node: str) -> KnownInputs | None:
        """Return the inputs of a node of this line, or None."""

    def size(self, node: str, output: str) -> Size | None:
        """Return the size of an output, or None if it is not known."""

    def values(self, node: str, output: str) -> Values | None:
        """Return the values of an output, or None if they are not all known."""

    def count(self, node: str, output: str) -> int | None:
        """Return the length of a list, or None if it is not known."""

    def largest(self, node: str, output: str) -> Size | None:
        """Return the largest width and height among the images of a list, or None if not all are known."""

    def items(self, iterate: str) -> int | None:
        """Return how many items an `iterate` node has in each run, or None if that is unknown or varies."""

    def settings(self, model: str) -> ModelSettings | None:
        """Return the settings of a model, or None if the model cannot be used."""

    def models(self, node: str, output: str) -> Values | None:
        """Return the names of the models that an output stands for, several in a loop, or None if unknown."""

    def vae(self, name: str) -> Size | None:
        """Return the latents of a VAE, their channels and the pixels that one stands for, or None if it is unusable."""

    def file_size(self, path: str) -> Size | None:
        """Return the size of an image file, or None if it is not known."""


class KnownInputs(Known):
    """The inputs of a node; those that arrive through links are known if constants determine them."""

    def __init__(
        self,
        node: Node,
        spec: InvocationSpec,
        links: Mapping[str, PlannedLink],
        line: KnownLine,
        assumed: Mapping[str, Any] | None = None,
    ) -> None:
        self.node, self.spec, self.links, self.line = node, spec, links, line
        self.assumed = assumed or {}
        self._named: dict[str, Values] = {}  # the names of the models that are linked, by input

    @property
    def has_image(self) -> bool:
        """Whether a link supplies an image or latents that determine the size of the result."""
        fields = map(self.spec.input, self.links)
        return True in [field is not None and not SIZED.isdisjoint(reference_kinds(field.type)) for field in fields]

    def value(self, name: str) -> Any:
        if name in self.assumed:
            return self.assumed[name]
        values = self.values(name)
        if len(values) != 1:
            raise Unknown
        return values[0]

    def values(self, name: str) -> Values:
        """Return the values of an input, one for each item of a loop. Raises: Unknown."""
        field = self.spec.input(name)
        if field is None:
            raise Unknown
        if name not in self.links:
            return [self.node.inputs.get(name, field.default)]
        edge = self.links[name].edge
        found = self.line.values(edge.source, edge.output)
        if found is None:
            raise Unknown
        return found

    def alternatives(self, names: Sequence[str] = ()) -> Iterator[KnownInputs]:
        """Yield the inputs once for each value of the input that varies in a loop. Raises: Unknown, if several vary.

        names: the inputs that matter (default: all that are linked)
        """
        varying: dict[str, Values] = {}
        for name in names or self.links:
            edge = self.links[name].edge if name in self.links else None
            values = self.line.values(edge.source, edge.output) if edge is not None else None
            if values is not None and len(values) != 1:
                varying[name] = values
        if len(varying) > 1:
            raise Unknown
        for name, values in varying.items():
            for value in values:
                yield KnownInputs(self.node, self.spec, self.links, self.line, {name: value})
        if not varying:
            yield self

    def is_set(self, name: str) -> bool:
        return name in self.links or self.value(name) is not None

    def size(self, name: str) -> Size:
        return _known(self.line.size(*self._end(name)))

    def count(self, name: str) -> int:
        if name in self.links:
            return _known(self.line.count(*self._end(name)))
        items = self.value(name)
        if not isinstance(items, (list, tuple, range)):
            raise Unknown
        return len(items)

    def largest(self, name: str) -> Size:
        return _known(self.line.largest(*self._end(name)))

    def model(self, name: str = "model") -> ModelSettings:
        names = self._models(name)
        if len({*names}) != 1:
            raise Unknown
        return _known(self.line.settings(names[0]))

    def models(self, name: str = "model") -> list[ModelSettings]:
        return [_known(self.line.settings(each)) for each in self._models(name)]

    def _models(self, name: str) -> Values:
        if name not in self._named:
            self._named[name] = _known(self.line.models(*self._end(name)))
        return self._named[name]

    def vae(self, name: str) -> Size:
        return _known(self.line.vae(name))

    def file(self, path: str) -> Size:
        return _known(self.line.file_size(path))

    def _end(self, name: str) -> tuple[str, str]:
        """Return the node and the output that are linked to an input. Raises: Unknown, if there is no link."""
        if name not in self.links:
            raise Unknown
        return self.links[name].edge.source, self.links[name].edge.output


def model_link(inputs: KnownInputs) -> Edge | None:
    """Return the link of the model that a node changes or uses, and for which its outputs stand, or None."""
    spec = inputs.spec
    changed = spec.primary_input.name if "adapts" in spec.roles and spec.primary_input is not None else ""
    link = inputs.links.get(changed or spec.model_bound)
    return link.edge if link is not None else None


def _known(found: T | None) -> T:
    if found is None:
        raise Unknown
    return found

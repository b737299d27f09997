"""Predict the size of the image or latents that a node makes in one iteration of the loops around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from invocations.catalog.roles import first_argument
from invocations.errors import InvocationError
from invocations.precheck.find import predictor
from invocations.precheck.known import Known, Size, Unknown
from invocations.services.translate_errors import translated

if TYPE_CHECKING:
    from invocations.graph.node import Edge, Node
    from invocations.services.models.base import ModelSettings

    from .line_items import LineItems, Path
    from .planning.foresight import FactSource

T = TypeVar("T")


class ItemSizes:
    """The sizes of images and latents in each iteration of a line; each is predicted once.

    facts: provides the sizes of files and the settings of models
    """

    def __init__(self, items: LineItems, facts: FactSource) -> None:
        self.items, self.facts = items, facts
        self._sizes: dict[tuple[str, Path], Size | None] = {}

    def size(self, node: Node, path: Path) -> Size | None:
        """Return the width and height in pixels, or None if they are not known."""
        if (node.id, path) not in self._sizes:
            self._sizes[node.id, path] = self._predicted(node, path)
        return self._sizes[node.id, path]

    def _predicted(self, node: Node, path: Path) -> Size | None:
        spec = self.items.catalog[node.type]
        try:
            with translated():
                if spec.role == "iterate":
                    return self._item(node, path)
                return predictor(spec.output_size)(ItemInputs(node, path, self)) if spec.output_size else None
        except (Unknown, InvocationError):
            return None

    def _item(self, iterate: Node, path: Path) -> Size | None:
        """Return the size of an item of a list of files."""
        for edge in self.items.edges(iterate.id):
            source = self.items.nodes.get(edge.source)
            if source is not None and "loads" in self.items.catalog[source.type].roles:
                inside = self.items.inside(source.id, iterate.id, path[:-1])
                written = self.items.planned(source, first_argument(self.items.catalog[source.type]), inside)
                sizes = self.facts.sizes(written) or ()
                return sizes[path[-1]] if path[-1] < len(sizes) else None
        return None


class ItemInputs(Known):
    """The inputs of a node in one iteration."""

    def __init__(self, node: Node, path: Path, sizes: ItemSizes) -> None:
        self.node, self.path, self.sizes, self.items = node, path, sizes, sizes.items

    def value(self, name: str) -> Any:
        if self._edge(name) is None:
            field = self.items.catalog[self.node.type].input(name)
            return self.node.inputs.get(name, field.default if field is not None else None)
        return _known(self.items.planned(self.node, name, self.path))

    def is_set(self, name: str) -> bool:
        return self._edge(name) is not None or self.value(name) is not None

    def size(self, name: str) -> Size:
        edge = _known(self._edge(name))
        source = self.items.nodes.get(edge.source)
        if source is None:  # a node of an earlier line
            return _known(self.items.known.size(edge.source, edge.output) if self.items.known is not None else None)
        return _known(self.sizes.size(source, self._inside(source)))

    def model(self, name: str = "model") -> ModelSettings:
        source = _known(self.items.nodes.get(_known(self._edge(name)).source))
        spec, path = self.items.catalog[source.type], self._inside(source)
        if "adapts" in spec.roles and spec.primary_input is not None:
            return ItemInputs(source, path, self.sizes).model(spec.primary_input.name)
        if "loads" not in spec.roles:
            raise Unknown
        return _known(self.sizes.facts.settings(_known(self.items.planned(source, first_argument(spec), path))))

    def file(self, path: str) -> Size:
        return _known(self.sizes.facts.size(path))

    def _inside(self, source: Node) -> Path:
        return self.items.inside(source.id, self.node.id, self.path)

    def _edge(self, name: str) -> Edge | None:
        return next((edge for edge in self.items.edges(self.node.id) if edge.input == name), None)


def _known(found: T | None) -> T:
    if found is None:
        raise Unknown
    return found

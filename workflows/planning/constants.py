"""Compute what nodes return, as far as constants in the line determine it: values, items of loops, list lengths."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from invocations.catalog.roles import first_argument
from invocations.precheck.find import computer
from invocations.precheck.known import Size, Unknown

from .draft import AXES
from .known_inputs import KnownInputs, KnownLine, Values
from .scope import KnownResults

if TYPE_CHECKING:
    from invocations.graph.graph import Edge

MOST = 1_000  # how many alternatives are computed
Earlier = Callable[[str, str], KnownResults | None]  # what is known about the earlier line that contains a node
FileSizes = Callable[[str], Sequence[Size | None] | None]  # the sizes of the files that a path or a pattern matches


class Constants:
    """The values and counts of the outputs of one line; the values of each node are computed once."""

    def __init__(
        self, line: KnownLine, axes: Callable[[str, str], Sequence[str]], earlier: Earlier, file_sizes: FileSizes
    ) -> None:
        self.line, self.axes, self.earlier, self.file_sizes = line, axes, earlier, file_sizes
        self._values: dict[str, Values | None] = {}

    def values(self, node: str, output: str) -> Values | None:
        """Return the values that an output has during loops, in no particular order; None if they are not all known."""
        inputs = self.line.inputs(node)
        if inputs is None:
            earlier = self.earlier(node, output)
            return earlier.values(node, output) if earlier is not None else None
        if node not in self._values:
            self._values[node] = None  # unknown while they are being computed
            with suppress(Unknown):
                self._values[node] = tuple(self._computed(inputs))
        primary = inputs.spec.primary_output
        return self._values[node] if primary is not None and primary.name == output else None

    def _computed(self, inputs: KnownInputs) -> Iterator[Any]:
        """Yield the values of a node's primary output. Raises: Unknown."""
        spec = inputs.spec
        if spec.role == "iterate" and spec.primary_input is not None:
            for items in inputs.values(spec.primary_input.name):
                if not isinstance(items, (list, tuple, range)) or len(items) > MOST:
                    raise Unknown
                yield from items
        elif spec.output_value:
            compute = computer(spec.output_value)
            yield from (compute(each) for each in inputs.alternatives())
        else:
            raise Unknown

    def count(self, node: str, output: str) -> int | None:
        """Return the length of a list, or None if it is not known."""
        values, inputs = self.values(node, output), self.line.inputs(node)
        if values is not None:
            counts = {len(each) for each in values if isinstance(each, (list, tuple, range))}
            return counts.pop() if len(counts) == 1 and values else None
        if inputs is None:
            earlier = self.earlier(node, output)
            return earlier.count(node, output) if earlier is not None else None
        if inputs.spec.role == "collect":
            return self._collected(inputs)
        if "loads" in inputs.spec.roles and self._is_list(inputs, output):
            sizes = self._file_sizes(inputs)
            return len(sizes) if sizes is not None else None
        if AXES in inputs.node.inputs and self._is_list(inputs, output):
            from .sweeps.sheets import count_of_sheets  # imported on demand: few lines draw sheets

            return count_of_sheets(inputs.node.inputs)
        return None

    def _collected(self, inputs: KnownInputs) -> int | None:
        """Return how many items a `collect` node gathers."""
        primary = inputs.spec.primary_input
        if primary is None or primary.name not in inputs.links:
            return None
        total = 0
        for name, link in inputs.links.items():
            count = 1 if name == primary.name else self.count(link.edge.source, link.edge.output)
            times = self._times(link.edge, self.axes(inputs.node.id, ""))
            if count is None or times is None:
                return None
            total += count * times
        return total

    def _times(self, edge: Edge, around: Sequence[str]) -> int | None:
        """Return how many results of its source a link carries to a `collect` node; around: the axes of that node."""
        counts = [self.line.items(axis) for axis in self.axes(edge.source, edge.output) if axis not in around]
        return None if None in counts else math.prod(count for count in counts if count is not None)

    def items(self, node: str) -> int | None:
        """Return how often the nodes after an `iterate` node run."""
        inputs = self.line.inputs(node)
        if inputs is None or inputs.spec.primary_input is None:
            return None
        try:
            return inputs.count(inputs.spec.primary_input.name)
        except Unknown:
            return None

    def largest(self, node: str, output: str) -> Size | None:
        """Return the largest width and the largest height among the images of a list, or None if not all are known."""
        inputs = self.line.inputs(node)
        if inputs is None:
            earlier = self.earlier(node, output)
            return earlier.largest(node, output) if earlier is not None else None
        if inputs.spec.role == "collect":
            return self._largest_collected(inputs)
        if "loads" in inputs.spec.roles and self._is_list(inputs, output):
            sizes = self._file_sizes(inputs)
            return _largest(sizes) if sizes is not None and None not in sizes else None
        return None

    def _largest_collected(self, inputs: KnownInputs) -> Size | None:
        sizes = []
        for name, link in inputs.links.items():
            field = inputs.spec.input(name)
            of_list = field is not None and not field.primary
            find = self.largest if of_list else self.line.size
            sizes.append(find(link.edge.source, link.edge.output))
        return _largest(sizes) if sizes and None not in sizes else None

    def _file_sizes(self, inputs: KnownInputs) -> Sequence[Size | None] | None:
        try:
            return self.file_sizes(inputs.value(first_argument(inputs.spec)))
        except Unknown:
            return None

    def _is_list(self, inputs: KnownInputs, output: str) -> bool:
        found = inputs.spec.output(output)
        return found is not None and found.type.base == "list"


def _largest(sizes: Sequence[Size | None]) -> Size | None:
    known = [size for size in sizes if size is not None]
    return (max(width for width, _ in known), max(height for _, height in known)) if known else None

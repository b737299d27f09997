"""How one tensor of a network is made from a tensor in a file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.models.contents import Shape

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Take:
    """A tensor of a network: the tensor `name` of the file, or one of `count` equal parts of it along dimension 0.

    flat: drop dimensions of size 1 after the second, as of a 1x1 convolution that is a linear layer in the network.
    transposed: swap the two dimensions.
    """

    name: str
    index: int = 0
    count: int = 1
    flat: bool = False
    transposed: bool = False

    def of(self, tensor: Tensor) -> Tensor:
        """Return the network's tensor, a view of the file's tensor where possible. Raises: RuntimeError."""
        if self.count > 1:
            tensor = tensor.tensor_split(self.count)[self.index]
        if self.flat:
            tensor = tensor.reshape(tensor.shape[:2])
        return tensor.T.contiguous() if self.transposed else tensor

    def shape_of(self, shape: Shape) -> Shape:
        """Return the shape of the network's tensor for the shape of the file's tensor."""
        if self.count > 1:
            shape = (shape[0] // self.count, *shape[1:])
        if self.flat:
            shape = shape[:2]
        return shape[::-1] if self.transposed else shape


Layout = Callable[[Collection[str]], Mapping[str, Take]]
"""Maps the names of a file's tensors to the network's names, each with the tensor that it is made from.

Tensors that the network does not have are left out; names that the layout does not know are kept as they are.
Raises: ValueError, if two tensors of the file have the same name in the network.
"""


def unique(taken: Iterable[tuple[str, Take]]) -> dict[str, Take]:
    """Return the tensors of a network by name. Raises: ValueError, if there are two with the same name."""
    found: dict[str, Take] = {}
    for name, take in taken:
        if name in found:
            raise ValueError(f"`{found[name].name:.60}` and `{take.name:.60}` are the same weight")
        found[name] = take
    return found


def as_named(names: Collection[str]) -> dict[str, Take]:
    """Return the layout of a file whose names are those of the network."""
    return {name: Take(name) for name in names}


def network_shapes(shapes: Mapping[str, Shape], layout: Layout) -> dict[str, Shape]:
    """Return the names and shapes of a network's tensors for those of a file."""
    return {name: take.shape_of(shapes[take.name]) for name, take in layout(shapes).items()}

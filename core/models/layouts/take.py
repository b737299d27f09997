"""How one tensor of a network is made from a tensor in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


Layout = Callable[[Sequence[str]], Mapping[str, Take]]
"""Maps the names of a file's tensors to the network's names, each with the tensor that it is made from.

Tensors that the network does not have are left out; names that the layout does not know are kept as they are.
"""


def as_named(names: Sequence[str]) -> dict[str, Take]:
    """Return the layout of a file whose names are those of the network."""
    return {name: Take(name) for name in names}

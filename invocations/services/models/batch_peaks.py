"""How many images fit into memory at once, judged by what earlier runs of a node took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from invocations.frozen import frozen

FAILED: Final = "failed"
MORE_FREE: Final = 1.1  # how many times as much must be free before a size that did not fit is tried again


@frozen
class BatchPeaks:
    """What a node with one model has taken for images of one size.

    taken: the peak memory in bytes, by the number of images at once. failed: the numbers for which memory ran out, with
    the bytes that were free then
    """

    taken: Mapping[int, int]
    failed: Mapping[int, int]

    def largest(self, free: int, weights: int) -> int:
        """Return how many images fit into free memory, 1 if nothing was measured; weights: the size of the model.

        The memory grows by the same amount for each image.
        """
        if not self.taken:
            return 1
        least, most = min(self.taken), max(self.taken)
        before, images = (self.taken[least], most - least) if most > least else (weights, most)
        each = max((self.taken[most] - before) // images, 1)
        return self.limited(max(least + (free - self.taken[least]) // each, 1), free)

    def limited(self, wanted: int, free: int) -> int:
        """Return a number of images, or half of the smallest number that did not fit when as much was free."""
        fits = [(number + 1) // 2 for number, then in self.failed.items() if free <= then * MORE_FREE]
        return min([wanted, *fits])


def batch_name(node: str, images: int, *, failed: bool = False) -> str:
    """Return the name under which the peaks of a node's batches are kept, or what was free when a batch failed."""
    return " ".join([node, str(images), *([FAILED] if failed else [])])


def batch_peaks(node: str, single: int | None, medians: Mapping[str, int]) -> BatchPeaks:
    """Return what is known about a node.

    single: the peak of the node for one image, None if not known. medians: by the names of batches
    """
    taken = {} if single is None else {1: single}
    failed = dict[int, int]()
    for name, median in medians.items():
        kind, _, rest = name.partition(" ")
        images, _, state = rest.partition(" ")
        if kind == node and images.isdecimal():
            (failed if state == FAILED else taken)[int(images)] = median
    return BatchPeaks(taken, failed)

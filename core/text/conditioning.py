"""An encoded prompt and negative prompt, and the names under which their tensors are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from .encoder import TextStates


@dataclass(frozen=True, slots=True)
class Conditioning:
    """The states of a prompt and of its negative prompt, of the same shapes.

    Hidden states are (1, chunks * limit, d), pooled states (1, p); only some families of models use pooled states. The
    joined conditioning of b images has b in place of 1.
    """

    positive: TextStates
    negative: TextStates

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors by name: `positive` and `negative` are hidden states, as in version 0.1.0."""
        named = {"positive": self.positive.hidden, "negative": self.negative.hidden}
        pooled = {"positive_pooled": self.positive.pooled, "negative_pooled": self.negative.pooled}
        return named | {name: tensor for name, tensor in pooled.items() if tensor is not None}

    @classmethod
    def of(cls, tensors: Mapping[str, Tensor]) -> Conditioning:
        """Return the conditioning whose tensors have these names. Raises: KeyError."""
        positive, negative = (
            TextStates(tensors[side], tensors.get(f"{side}_pooled")) for side in ("positive", "negative")
        )
        return cls(positive, negative)

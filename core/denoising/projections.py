"""Project the states of the prompt to keys and values once per run, as they are the same in every step."""

from __future__ import annotations

import weakref
from typing import Any, Final

from torch import Tensor
from torch.nn import Linear, Module

CROSS_ATTENTION: Final = "attn2"  # the name of the attention to the prompt in diffusers' transformer blocks
MARK: Final = "remembers_projections"


def remember_projections(unet: Any) -> None:
    """Let the projections of a UNet return their latest result if they are given the same tensor again."""
    if MARK in vars(unet):
        return
    setattr(unet, MARK, True)
    for name, module in unet.named_modules():
        if name.rpartition(".")[2] == CROSS_ATTENTION:
            for projection in (module.to_k, module.to_v):
                if type(projection) is Linear:
                    vars(projection)["forward"] = RememberedForward(projection)


class RememberedForward:
    """The `forward` of a layer, which remembers its latest result as long as the tensor that it was given exists.

    Several threads may call it: each of them either finds a whole result or computes its own.
    """

    def __init__(self, layer: Module) -> None:
        self._layer = weakref.ref(layer)
        self._forward = type(layer).forward
        self._latest: tuple[weakref.ref[Tensor], Tensor] | None = None

    def __call__(self, given: Tensor) -> Tensor:
        latest = self._latest
        if latest is not None and latest[0]() is given:
            return latest[1]
        made: Tensor = self._forward(self._layer(), given)
        self._latest = weakref.ref(given, self._forget), made
        return made

    def _forget(self, given: weakref.ref[Tensor]) -> None:
        latest = self._latest
        if latest is not None and latest[0] is given:
            self._latest = None

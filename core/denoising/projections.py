"""Project the states of the prompt to keys and values once per run, as they are the same in every step."""

from __future__ import annotations

import weakref
from functools import partial
from typing import Any, Final

from torch import Tensor
from torch.nn import Linear, Module

from core.prepared_networks import prepare_once

CROSS_ATTENTION: Final = "attn2"  # the name of the attention to the prompt in diffusers' transformer blocks
MARK: Final = "remembers_projections"


def remember_projections(unet: Any) -> None:
    """Let the projections of a UNet return their earlier result if they are given the same tensor again."""
    prepare_once(unet, MARK, lambda: _remember_projections(unet))


def _remember_projections(unet: Any) -> None:
    for name, module in unet.named_modules():
        if name.rpartition(".")[2] == CROSS_ATTENTION:
            for projection in (module.to_k, module.to_v):
                if type(projection) is Linear:
                    vars(projection)["forward"] = RememberedForward(projection)


class RememberedForward:
    """The `forward` of a layer, which remembers its results as long as the tensors that it was given exist.

    Several threads may call it: each of them either finds a whole result or computes its own.
    """

    def __init__(self, layer: Module) -> None:
        self._layer = weakref.ref(layer)
        self._forward = type(layer).forward
        self._known: dict[int, tuple[weakref.ref[Tensor], Tensor]] = {}  # by id of the tensor that was given

    def __call__(self, given: Tensor) -> Tensor:
        known = self._known.get(id(given))
        if known is not None and known[0]() is given:
            return known[1]
        made: Tensor = self._forward(self._layer(), given)
        self._known[id(given)] = weakref.ref(given, partial(self._forget, id(given))), made
        return made

    def _forget(self, number: int, given: weakref.ref[Tensor]) -> None:
        known = self._known.get(number)
        if known is not None and known[0] is given:
            del self._known[number]

"""Keys and values of the prompt are computed once per run, and the results do not change."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.denoising.projections import RememberedForward, remember_projections
from core.models.components import LoadedModel
from core.text.encode import encode

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseInputs]

pytestmark = pytest.mark.usefixtures("one_thread")


def projections(unet: Any) -> list[Any]:
    return [module for module in unet.modules() if isinstance(vars(module).get("forward"), RememberedForward)]


def forget(unet: Any) -> None:
    """Undo `remember_projections`."""
    for module in projections(unet):
        del module.forward
    vars(unet).pop("remembers_projections", None)


@pytest.mark.parametrize("recipe", ["sd1", "sd2", "sdxl"])
def test_remembering_projections_does_not_change_the_latents_by_a_bit(
    model_of: ModelOf, recipe: str, request_for: RequestFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(recipe)
    remembered = denoise(request_for(model), model)
    unet = model.unet()
    layers = projections(unet)
    assert layers
    forget(unet)
    monkeypatch.setattr("core.denoising.loop.remember_projections", lambda unet: None)
    assert torch.equal(denoise(request_for(model), model), remembered)
    assert not projections(unet)


def test_a_projection_is_computed_once_per_run(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("sd1")
    unet = model.unet()
    forget(unet)
    remember_projections(unet)
    calls: list[int] = []
    layers = projections(unet)
    for layer in layers:
        whole = layer.forward._forward
        layer.forward._forward = lambda *given, whole=whole: (calls.append(1), whole(*given))[1]
    first = denoise(request_for(model, steps=4), model)
    assert len(calls) == len(layers)
    other = denoise(replace(request_for(model, steps=4), conditioning=encode("a boat", "", model)), model)
    assert len(calls) == 2 * len(layers)
    assert not torch.equal(first, other)
    forget(unet)


def test_results_are_kept_only_as_long_as_the_states_of_the_prompt() -> None:
    layer = torch.nn.Linear(2, 2)
    remembered = RememberedForward(layer)
    with torch.inference_mode():
        given = torch.ones(1, 2)
        made = remembered(given)
        assert remembered(given) is made
        assert torch.equal(made, torch.nn.functional.linear(given, layer.weight, layer.bias))
        other = torch.ones(1, 2)
        assert remembered(other) is not made
        assert remembered(given) is made
    assert len(remembered._known) == 2
    del given, other
    gc.collect()
    assert not remembered._known

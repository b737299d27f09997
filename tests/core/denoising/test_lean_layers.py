"""Lean layers have the results of diffusers' layers, to the last bit; other kinds of layers are left as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import ref

import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor
from diffusers.models.resnet import ResnetBlock2D
from torch import nn

from core.denoising.inputs import DenoiseInputs
from core.denoising.lean_layers import lean_attention, lean_resnet, use_lean_layers
from core.denoising.loop import denoise
from core.models.components import LoadedModel

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseInputs]

pytestmark = pytest.mark.usefixtures("one_thread")


def replaced(unet: Any) -> list[Any]:
    return [module for module in unet.modules() if isinstance(vars(module).get("forward"), partial)]


@pytest.mark.parametrize("recipe", ["sd1", "sd2", "sdxl", "inpaint", "lcm"])
@pytest.mark.parametrize("seeds", [(1,), (1, 2)], ids=["one image", "two images"])
def test_lean_layers_do_not_change_the_latents_by_a_bit(
    model_of: ModelOf, recipe: str, seeds: tuple[int, ...], request_for: RequestFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = model_of(recipe)
    request = request_for(model, seeds)
    if recipe == "inpaint":
        image = torch.ones(1, *request.noise.shape[1:])
        request = replace(request, latents=image, mask=torch.ones(1, 1, 8, 8).tril(), masked_latents=image)
    lean, unet = denoise(request, model), model.unet()
    layers = replaced(unet)
    assert {vars(layer)["forward"].func for layer in layers} == {lean_attention, lean_resnet}
    for layer in layers:
        monkeypatch.delitem(vars(layer), "forward")
    assert torch.equal(denoise(request, model), lean)


def attention(**settings: Any) -> Any:
    torch.manual_seed(0)
    return Attention(query_dim=8, heads=2, dim_head=4, **settings).eval().requires_grad_(False)


def resnet(**settings: Any) -> Any:
    torch.manual_seed(0)
    given = {"in_channels": 8, "out_channels": 4, "temb_channels": 6, "groups": 2, **settings}
    return ResnetBlock2D(**given).eval().requires_grad_(False)


@pytest.mark.parametrize(
    ("layer", "forward"),
    [
        (attention(), lean_attention),
        (attention(cross_attention_dim=6), lean_attention),
        (attention(processor=AttnProcessor()), None),
        (attention(residual_connection=True), None),
        (attention(rescale_output_factor=2.0), None),
        (attention(qk_norm="layer_norm"), None),
        (attention(norm_num_groups=2), None),
        (attention(cross_attention_dim=6, cross_attention_norm="layer_norm"), None),
        (attention().train(), None),
        (resnet(), lean_resnet),
        (resnet(out_channels=8), lean_resnet),
        (resnet(up=True), None),
        (resnet(down=True), None),
        (resnet(temb_channels=None), None),
        (resnet(time_embedding_norm="scale_shift"), None),
        (resnet(non_linearity="gelu"), None),
        (resnet(output_scale_factor=2.0), None),
        (resnet(skip_time_act=True), None),
        (resnet().train(), None),
        (nn.Linear(2, 2), None),
    ],
)
def test_only_plain_layers_are_replaced(layer: nn.Module, forward: Any) -> None:
    use_lean_layers(layer)
    assert getattr(vars(layer).get("forward"), "func", None) is forward


def test_a_replaced_layer_does_not_change_its_inputs() -> None:
    given = torch.randn(2, 8, 4, 4), torch.randn(2, 6)
    before = [each.clone() for each in given]
    for layer in (resnet(), resnet(out_channels=8)):
        assert torch.equal(lean_resnet(ref(layer), *given), layer(*given))
    assert all(map(torch.equal, given, before))


def test_attention_with_a_mask_or_to_a_map_of_features_is_that_of_diffusers() -> None:
    layer = attention()
    lean, tokens = partial(lean_attention, ref(layer)), torch.randn(2, 6, 8)
    mask = torch.zeros(2, 1, 6).masked_fill(torch.arange(6) > 3, -10000.0)
    assert torch.equal(lean(tokens), layer(tokens))
    assert torch.equal(lean(tokens, attention_mask=None), layer(tokens))
    masked = lean(tokens, attention_mask=mask)
    assert torch.equal(masked, layer(tokens, attention_mask=mask))
    assert not torch.equal(masked, lean(tokens))
    image = torch.randn(2, 8, 2, 3)
    assert torch.equal(lean(image), layer(image))

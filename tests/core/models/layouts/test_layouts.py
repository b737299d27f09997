"""Layouts leave out what is not part of a network, keep what they do not know, and load networks from single files."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from core.devices import Device
from core.errors import ModelBroken
from core.models.derived.config import derived_config
from core.models.layouts.choose import layout_of
from core.models.load import load_network
from core.models.part import PartSource
from core.text.clip import ClipConfig, ClipText
from tests.core.models.published_names import published

EXTRAS = ("model_ema.decay", "model_ema.diffusion_modelout0weight", "alphas_cumprod", "sqrt_alphas_cumprod", "betas",
          "logit_scale", "v_pred", "ztsnr", "denoiser.sigmas", "first_stage_model.encoder.conv_in.weight",
          "loss.discriminator.main.0.weight")  # fmt: skip
LAYOUTS = [("unet", "ldm"), ("unet", "diffusers"), ("vae", "ldm"), ("vae", "diffusers"), ("text_encoder", "open-clip"),
           ("text_encoder", "transformers"), ("text_encoder_2", "diffusers")]  # fmt: skip


def source(part: str, layout: str, path: str = "model.safetensors", prefix: str = "") -> PartSource:
    return PartSource(part, Path(path), layout=layout, prefix=prefix)


@pytest.mark.parametrize(("part", "layout"), LAYOUTS)
def test_tensors_that_belong_to_no_network_are_left_out(part: str, layout: str) -> None:
    assert dict(layout_of(source(part, layout))(EXTRAS)) == {}


@pytest.mark.parametrize(("part", "layout"), LAYOUTS)
def test_a_name_that_a_layout_does_not_know_is_kept(part: str, layout: str) -> None:
    assert list(layout_of(source(part, layout))(["odd.weight", "input_blocks.x", "odd"])) == [
        "odd.weight",
        "input_blocks.x",
        "odd",
    ]


def test_the_positions_that_transformers_4_saved_are_left_out() -> None:
    names = ["text_model.embeddings.position_ids", "text_model.final_layer_norm.bias"]
    assert list(layout_of(source("text_encoder", "transformers"))(names)) == ["final_layer_norm.bias"]


def test_there_is_no_layout_of_another_name() -> None:
    with pytest.raises(KeyError):
        layout_of(source("unet", "bfl"))


def small_clip() -> dict[str, Tensor]:
    """Return an OpenCLIP text encoder with 3 layers of width 64 and 100 tokens, by the published names."""
    torch.manual_seed(0)
    sizes = {1024: 64, 3072: 192, 4096: 256, 49408: 100}
    return {
        name: torch.rand([sizes.get(size, size) for size in shape])
        for name, shape in published()["clip-h-open"].shapes.items()
        if ".resblocks." not in name or int(name.split(".")[2]) < 3
    }


def test_a_text_encoder_is_loaded_from_a_checkpoint_without_its_last_layer(tmp_path: Path) -> None:
    prefix, tensors = "cond_stage_model.model.", small_clip()
    stored = {prefix + name: tensor for name, tensor in tensors.items()}
    save_file({**stored, "alphas_cumprod": torch.rand(4)}, tmp_path / "model.safetensors")
    shapes = {name: tuple(tensor.shape) for name, tensor in stored.items()}
    found = source("text_encoder", "open-clip", str(tmp_path / "model.safetensors"), prefix)
    config = derived_config(found, shapes, "sd2")
    found = PartSource(found.name, found.path, config, found.layout, prefix)
    layout = layout_of(found)
    encoder = load_network(
        found,
        Device("cpu"),
        make=lambda: ClipText(ClipConfig.from_json(config)),
        layout=lambda names: {name: take for name, take in layout(names).items() if "text_projection" not in name},
    ).state_dict()
    packed = tensors["transformer.resblocks.1.attn.in_proj_weight"]
    assert torch.equal(encoder["encoder.layers.1.self_attn.k_proj.weight"], packed[64:128])
    assert torch.equal(encoder["embeddings.position_embedding.weight"], tensors["positional_embedding"])
    assert max(int(name.split(".")[2]) for name in encoder if name.startswith("encoder.")) == 1


def test_a_checkpoint_that_lacks_a_tensor_is_refused_by_the_name_of_the_network(tmp_path: Path) -> None:
    tensors = {name: tensor for name, tensor in small_clip().items() if name != "ln_final.bias"}
    save_file(tensors, tmp_path / "model.safetensors")
    found = source("text_encoder_2", "open-clip", str(tmp_path / "model.safetensors"))
    config = derived_config(found, {name: tuple(each.shape) for name, each in tensors.items()}, "sdxl")
    with pytest.raises(ModelBroken, match=r"missing weights: final_layer_norm\.bias"):
        load_network(
            found,
            Device("cpu"),
            make=lambda: ClipText(ClipConfig.from_json(config)),
            layout=lambda names: {
                name: take for name, take in layout_of(found)(names).items() if "text_projection" not in name
            },
        )

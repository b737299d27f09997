"""Layouts leave out what is not part of a network, keep what they do not know, and load networks from single files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from core.devices import Device
from core.errors import ModelBroken
from core.models.derived.config import derived_config
from core.models.layouts.choose import layout_of
from core.models.load import load_network, read_weights
from core.models.part import PartSource
from core.text.clip import ClipConfig, ClipText
from tests.core.models.published_names import expanded, published

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


RENAMED = (
    ("input_blocks.0.0.bias", "conv_in.bias"),
    ("time_embed.2.weight", "time_embedding.linear_2.weight"),
    ("time_embed.cond_proj.weight", "time_embedding.cond_proj.weight"),
    ("label_emb.0.2.bias", "add_embedding.linear_2.bias"),
    ("out.2.weight", "conv_out.weight"),
    ("input_blocks.1.0.emb_layers.1.bias", "down_blocks.0.resnets.0.time_emb_proj.bias"),
    ("input_blocks.{2,3}.0.op.weight", "down_blocks.0.downsamplers.0.conv.weight"),
    ("input_blocks.{3,4}.0.skip_connection.bias", "down_blocks.1.resnets.0.conv_shortcut.bias"),
    ("input_blocks.{3,4}.1.transformer_blocks.1.attn2.to_k.weight",
     "down_blocks.1.attentions.0.transformer_blocks.1.attn2.to_k.weight"),
    ("input_blocks.{4,6}.0.op.bias", "down_blocks.1.downsamplers.0.conv.bias"),
    ("input_blocks.{5,7}.0.in_layers.2.weight", "down_blocks.2.resnets.0.conv1.weight"),
    ("input_blocks.{5,7}.1.proj_in.weight", "down_blocks.2.attentions.0.proj_in.weight"),
    ("middle_block.0.out_layers.3.weight", "mid_block.resnets.0.conv2.weight"),
    ("output_blocks.0.0.in_layers.0.bias", "up_blocks.0.resnets.0.norm1.bias"),
    ("output_blocks.1.0.in_layers.0.bias", "up_blocks.0.resnets.1.norm1.bias"),
    ("output_blocks.1.1.norm.bias", "up_blocks.0.attentions.1.norm.bias"),
    ("output_blocks.{1,2}.2.conv.bias", "up_blocks.0.upsamplers.0.conv.bias"),
    ("output_blocks.{2,3}.0.out_layers.0.weight", "up_blocks.1.resnets.0.norm2.weight"),
)  # fmt: skip
"""Names of a UNet with one layer a level, in ComfyUI's numbers and in those of diffusers' script
`convert_diffusers_to_original_sdxl.py`, which counts three stages a level."""


@pytest.mark.parametrize("which", [0, 1], ids=["comfyui", "diffusers"])
def test_a_unet_with_fewer_layers_is_read_however_its_stages_are_numbered(which: int) -> None:
    file_names = {expanded(name)[which if "{" in name else 0]: network for name, network in RENAMED}
    taken = layout_of(source("unet", "ldm"))(list(file_names))
    assert {take.name: name for name, take in taken.items()} == file_names


@pytest.mark.parametrize("shape", [(4, 4, 1, 1), (4, 4, 1), (4, 4)])
def test_the_attention_of_a_vae_is_linear_whether_or_not_it_is_stored_as_a_convolution(shape: tuple[int, ...]) -> None:
    (name, take), *_ = layout_of(source("vae", "ldm"))(["decoder.mid.attn_1.proj_out.weight"]).items()
    stored = torch.arange(16).reshape(shape)
    assert name == "decoder.mid_block.attentions.0.to_out.0.weight"
    assert take.of(stored).tolist() == torch.arange(16).reshape(4, 4).tolist()
    assert take.shape_of(shape) == (4, 4)


@pytest.mark.parametrize(
    ("part", "layout", "names"),
    [
        ("vae", "ldm", ["encoder.norm_out.bias", "encoder.conv_norm_out.bias"]),
        ("vae", "diffusers", ["decoder.mid_block.attentions.0.query.bias", "decoder.mid_block.attentions.0.to_q.bias"]),
        ("unet", "ldm", ["out.0.bias", "conv_norm_out.bias"]),
        ("text_encoder", "open-clip", ["ln_final.bias", "final_layer_norm.bias"]),
        ("text_encoder", "transformers", ["final_layer_norm.bias", "text_model.final_layer_norm.bias"]),
    ],
)
def test_two_tensors_for_one_weight_are_refused(part: str, layout: str, names: list[str], tmp_path: Path) -> None:
    first, second = names
    save_file({name: torch.zeros(1) for name in names}, tmp_path / "model.safetensors")
    with pytest.raises(ModelBroken) as caught:
        read_weights(source(part, layout, str(tmp_path / "model.safetensors")), Device("cpu"),
                     layout_of(source(part, layout)))  # fmt: skip
    assert set(re.findall("`(.*?)`", str(caught.value))) == {first, second}
    assert str(caught.value).endswith("are the same weight")


def test_a_broken_file_is_not_described_by_a_config_that_it_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_file({"weight": torch.zeros(3)}, path)
    for make, fault in (
        (lambda: torch.nn.GroupNorm(2, 3), "its tensors do not form a network (num_channels"),
        (
            lambda: torch.nn.Linear(4, 4, bias=False),
            "its weights do not have shapes that form a network (size mismatch",
        ),
    ):
        with pytest.raises(ModelBroken) as caught:
            load_network(source("unet", "diffusers", str(path)), Device("cpu"), make=make)
        assert fault in str(caught.value)


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

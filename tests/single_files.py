"""Tiny models with the blocks of Stable Diffusion, each as a folder and as a single file with the same weights.

The names in the single files are those of the published lists; diffusers' own converters say which tensor each one is.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from core.text.clip_vocabulary import clip_vocabulary
from tests.core.models.published_names import published

UNET, VAE = "model.diffusion_model.", "first_stage_model."
WIDTH, LAYERS = 64, 2  # of the text encoders
WIDTHS = (32, 64, 96, 96)  # of the UNets and VAEs: they change and stay where those of Stable Diffusion do
END = "<|endoftext|>"

SCHEDULE = {
    "_class_name": "PNDMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000, "clip_sample": False, "set_alpha_to_one": False, "skip_prk_steps": True,
    "steps_offset": 1, "trained_betas": None,
}  # fmt: skip
"""The noise schedule as the folder of Stable Diffusion 1.5 states it."""

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class TinyModel:
    """What a tiny model is. channels: of the UNet's input. list: the published list with the names of its file."""

    name: str
    family: str = "sd1"
    prediction: str = "epsilon"
    channels: int = 4

    @property
    def list(self) -> str:
        return f"{self.family}-checkpoint"


TINY = {
    tiny.name: tiny
    for tiny in (
        TinyModel("sd1"),
        TinyModel("sd1-inpainting", channels=9),
        TinyModel("sd2", "sd2"),
        TinyModel("sd2-v", "sd2", "v_prediction"),
        TinyModel("sd2-inpainting", "sd2", channels=9),
    )
}


def networks(tiny: TinyModel) -> dict[str, nn.Module]:
    """Return the networks of a model, with random values in all of their tensors."""
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(len(tiny.name))
    is_second = tiny.family == "sd2"
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=tiny.channels,
        block_out_channels=WIDTHS,
        cross_attention_dim=WIDTH,
        attention_head_dim=[1, 1, 1, 1] if is_second else 8,
        use_linear_projection=is_second,
    )
    vae = AutoencoderKL(
        block_out_channels=WIDTHS,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
    )
    text = CLIPTextConfig(
        vocab_size=49_408,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=1,
        hidden_act="gelu" if is_second else "quick_gelu",
    )
    made = {"unet": unet, "vae": vae, "text_encoder": CLIPTextModel(text)}
    with torch.no_grad():
        for network in made.values():
            for parameter in network.parameters():
                parameter += 0.02 * torch.randn_like(parameter)
    return made


def write_folder(folder: Path, tiny: TinyModel, made: Mapping[str, Any]) -> Path:
    """Write a model folder in diffusers layout."""
    for name, network in made.items():
        network.save_pretrained(folder / name)
    (folder / "scheduler").mkdir()
    schedule = {**SCHEDULE, "prediction_type": tiny.prediction}
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(schedule))
    write_tokenizer(folder / "tokenizer", "!" if tiny.family == "sd2" else END)
    index = {"_class_name": "StableDiffusionPipeline", **{name: ["", ""] for name in (*made, "tokenizer", "scheduler")}}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def write_tokenizer(folder: Path, pad: str) -> None:
    """Write the vocabulary of CLIP as transformers stores it."""
    vocabulary, merges = clip_vocabulary()
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{first} {second}\n" for first, second in merges))
    settings = {"tokenizer_class": "CLIPTokenizer", "bos_token": "<|startoftext|>", "eos_token": END, "pad_token": pad}
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "unk_token": END, "model_max_length": 77}))


def ldm_tensors(tiny: TinyModel, made: Mapping[str, nn.Module]) -> Tensors:
    """Return the tensors of a single file in LDM layout, in float32."""
    unet, vae, text = (made[part].state_dict() for part in ("unet", "vae", "text_encoder"))
    found = {name: unet[theirs] for name, theirs in unet_names(tiny.list).items()}
    for name, theirs in vae_names(tiny.list).items():
        is_convolution = len(published()[tiny.list].shapes[name]) == 4
        found[name] = vae[theirs][:, :, None, None] if is_convolution and vae[theirs].dim() == 2 else vae[theirs]
    assert len(found) == len(unet) + len(vae)
    return found | (open_clip_tensors(text) if tiny.family == "sd2" else clip_tensors(text))


def write_file(
    path: Path,
    tensors: Mapping[str, Tensor],
    dtype: torch.dtype | None = None,
    *,
    metadata: dict[str, str] | None = None,
) -> Path:
    """Write a safetensors file. dtype: to convert floating-point tensors to."""
    path.parent.mkdir(parents=True, exist_ok=True)
    converted = {
        name: (tensor.to(dtype) if dtype and tensor.is_floating_point() else tensor).contiguous().clone()
        for name, tensor in tensors.items()
    }
    save_file(converted, path, metadata)
    return path


@cache
def unet_names(ident: str) -> dict[str, str]:
    """Return diffusers' names of a UNet's tensors by those in a single file."""
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    tags = _tags(ident, UNET)
    return _names(tags, convert_ldm_unet_checkpoint(tags, {"layers_per_block": 2}))


@cache
def vae_names(ident: str) -> dict[str, str]:
    """Return diffusers' names of a VAE's tensors by those in a single file."""
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    tags = _tags(ident, VAE)
    blocks = {"down_block_types": [""] * 4, "up_block_types": [""] * 4}
    return _names(tags, convert_ldm_vae_checkpoint(dict(tags), blocks))


def clip_tensors(text: Mapping[str, Tensor]) -> Tensors:
    """Return a text encoder as the files of Stable Diffusion 1 hold it."""
    start = "cond_stage_model.transformer.text_model."
    bare = {name.removeprefix("text_model."): tensor for name, tensor in text.items()}
    names = [name for name in published()["sd1-checkpoint"].shapes if name.startswith(start)]
    found = {name: bare[name.removeprefix(start)] for name in names if name.removeprefix(start) in bare}
    assert len(found) == len(bare)
    return {**found, f"{start}embeddings.position_ids": torch.arange(77)[None]}


def open_clip_tensors(text: Mapping[str, Tensor]) -> Tensors:
    """Return a text encoder as the files of Stable Diffusion 2 hold it: with one more layer, and a projection."""
    from diffusers.loaders.single_file_utils import DIFFUSERS_TO_LDM_MAPPING

    start, mapping = "cond_stage_model.model.", DIFFUSERS_TO_LDM_MAPPING["openclip"]
    bare = {name.removeprefix("text_model."): tensor for name, tensor in text.items()}
    layers = {name: name.replace("encoder.layers.", "transformer.resblocks.") for name in bare}
    for theirs, name in mapping["transformer"].items():
        layers = {each: ours.replace(theirs, name) for each, ours in layers.items()}
    plain = {theirs.removeprefix("text_model."): name for theirs, name in mapping["layers"].items()}
    renamed = {plain.get(name, layers[name]): tensor for name, tensor in bare.items()}
    found = {start + name: tensor for name, tensor in _packed(renamed).items()}
    last = {name: tensor for name, tensor in found.items() if f"resblocks.{LAYERS - 1}." in name}
    more = {name.replace(f".{LAYERS - 1}.", f".{LAYERS}."): torch.rand_like(each) for name, each in last.items()}
    projection = {f"{start}text_projection": torch.rand(WIDTH, WIDTH), f"{start}logit_scale": torch.tensor(4.6)}
    found |= {**more, **projection}
    assert found.keys() <= published()["sd2-checkpoint"].shapes.keys()
    return found


def _packed(tensors: Mapping[str, Tensor]) -> Tensors:
    """Return the tensors with query, key and value joined, as `torch.nn.MultiheadAttention` names them."""
    found = {name: tensor for name, tensor in tensors.items() if not re.search(r"\.attn\.[qkv]_proj\.", name)}
    for name in tensors:
        if ".attn.q_proj." in name:
            joined = [tensors[name.replace(".q_proj.", f".{part}_proj.")] for part in "qkv"]
            found[name.replace(".q_proj.", ".in_proj_")] = torch.cat(joined)
    return found


def _tags(ident: str, start: str) -> Tensors:
    """Return a tensor with a number of its own for each name of a list, with as many dimensions as the true one."""
    shapes = [(name, shape) for name, shape in published()[ident].shapes.items() if name.startswith(start)]
    return {name: torch.full([1] * len(shape), float(number)) for number, (name, shape) in enumerate(shapes)}


def _names(tags: Mapping[str, Tensor], converted: Mapping[str, Tensor | None]) -> dict[str, str]:
    by_number = {tensor.item(): name for name, tensor in converted.items() if tensor is not None}
    return {name: by_number[tag.item()] for name, tag in tags.items()}


def make(root: Path, name: str) -> tuple[Path, Path]:
    """Write a tiny model to a folder; return its model folder and its single file in float32."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tiny = TINY[name]
        made = networks(tiny)
        return write_folder(root / name, tiny, made), write_file(root / f"{name}.safetensors", ldm_tensors(tiny, made))

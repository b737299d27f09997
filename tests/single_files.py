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
from tests.tiny_settings import (
    EDM_LATENTS,
    EDM_SCHEDULE,
    ENCODERS,
    LAYERS,
    SCHEDULE,
    STARTS,
    UNETS,
    WIDTH,
    WIDTHS,
    XL_SCHEDULE,
)

UNET, VAE = "model.diffusion_model.", "first_stage_model."
END = "<|endoftext|>"

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class TinyModel:
    """What a tiny model is.

    channels: of the UNet's input. edm: whether it has the noise schedule and the latents of Playground 2.5. list: the
    published list with the names of its file.
    """

    name: str
    family: str = "sd1"
    prediction: str = "epsilon"
    channels: int = 4
    edm: bool = False

    @property
    def list(self) -> str:
        return f"{self.family}-checkpoint"

    @property
    def is_xl(self) -> bool:
        return self.family.startswith("sdxl")


TINY = {
    tiny.name: tiny
    for tiny in (
        TinyModel("sd1"),
        TinyModel("sd1-inpainting", channels=9),
        TinyModel("sd2", "sd2"),
        TinyModel("sd2-v", "sd2", "v_prediction"),
        TinyModel("sd2-inpainting", "sd2", channels=9),
        TinyModel("sdxl", "sdxl"),
        TinyModel("sdxl-inpainting", "sdxl", channels=9),
        TinyModel("sdxl-refiner", "sdxl-refiner"),
        TinyModel("playground", "sdxl", edm=True),
    )
}


def networks(tiny: TinyModel) -> dict[str, nn.Module]:
    """Return the networks of a model, with random values in all of their tensors."""
    from diffusers import AutoencoderKL, UNet2DConditionModel

    torch.manual_seed(len(tiny.name))
    made: dict[str, nn.Module] = {
        "unet": UNet2DConditionModel(sample_size=8, in_channels=tiny.channels, **UNETS[tiny.family]),
        "vae": AutoencoderKL(
            block_out_channels=WIDTHS,
            down_block_types=("DownEncoderBlock2D",) * 4,
            up_block_types=("UpDecoderBlock2D",) * 4,
            layers_per_block=2,
            latent_channels=4,
            **(EDM_LATENTS if tiny.edm else {"scaling_factor": 0.13025 if tiny.is_xl else 0.18215}),
        ),
    }
    made |= {part: text_encoder(kind) for part, kind in ENCODERS[tiny.family].items()}
    with torch.no_grad():
        for network in made.values():
            for parameter in network.parameters():
                parameter += 0.02 * torch.randn_like(parameter)
    return made


def text_encoder(kind: str) -> nn.Module:
    """Return a text encoder: `clip-l`, `clip-h` or `clip-g`, which is twice as wide and has a projection."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    width = WIDTH * (1 + (kind == "clip-g"))
    config = CLIPTextConfig(
        vocab_size=49_408,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=LAYERS,
        num_attention_heads=width // 64,
        hidden_act="quick_gelu" if kind == "clip-l" else "gelu",
        projection_dim=width,
    )
    network: nn.Module = (CLIPTextModelWithProjection if kind == "clip-g" else CLIPTextModel)(config)
    return network


def write_folder(folder: Path, tiny: TinyModel, made: Mapping[str, Any]) -> Path:
    """Write a model folder in diffusers layout."""
    for name, network in made.items():
        network.save_pretrained(folder / name)
    (folder / "scheduler").mkdir()
    usual = EDM_SCHEDULE if tiny.edm else XL_SCHEDULE if tiny.is_xl else SCHEDULE
    schedule = {**usual, "prediction_type": tiny.prediction}
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(schedule))
    tokenizers = {part.replace("text_encoder", "tokenizer"): kind for part, kind in ENCODERS[tiny.family].items()}
    for name, kind in tokenizers.items():
        write_tokenizer(folder / name, END if kind == "clip-l" else "!")
    parts = {name: ["", "x"] for name in (*made, *tokenizers, "scheduler")}
    name = "StableDiffusionXLPipeline" if tiny.is_xl else "StableDiffusionPipeline"
    index = {"_class_name": name, "force_zeros_for_empty_prompt": tiny.family == "sdxl", **parts}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def write_tokenizer(folder: Path, pad: str) -> None:
    """Write the vocabulary of CLIP as transformers stores it."""
    folder.mkdir()
    for name, text in vocabulary_files().items():
        (folder / name).write_text(text)
    settings = {"tokenizer_class": "CLIPTokenizer", "bos_token": "<|startoftext|>", "eos_token": END, "pad_token": pad}
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "unk_token": END, "model_max_length": 77}))


@cache
def vocabulary_files() -> dict[str, str]:
    """Return the contents of the files with the vocabulary of CLIP, by name."""
    vocabulary, merges = clip_vocabulary()
    lines = "".join(f"{first} {second}\n" for first, second in merges)
    return {"vocab.json": json.dumps(vocabulary), "merges.txt": f"#version: 0.2\n{lines}"}


def ldm_tensors(tiny: TinyModel, made: Mapping[str, nn.Module]) -> Tensors:
    """Return the tensors of a single file in LDM layout, in float32."""
    unet, vae = made["unet"].state_dict(), made["vae"].state_dict()
    names = unet_names(tiny.list, xl=tiny.is_xl)
    found = {name: unet[theirs] for name, theirs in names.items() if theirs in unet}
    for name, theirs in vae_names(tiny.list).items():
        is_convolution = len(published()[tiny.list].shapes[name]) == 4
        found[name] = vae[theirs][:, :, None, None] if is_convolution and vae[theirs].dim() == 2 else vae[theirs]
    assert len(found) == len(unet) + len(vae)
    for part, start in STARTS[tiny.family].items():
        text = made[part].state_dict()
        found |= clip_tensors(text, start) if start.endswith(".transformer.") else open_clip_tensors(text, start)
    assert found.keys() <= published()[tiny.list].shapes.keys()
    if tiny.edm:
        for name, key in (("edm_mean", "latents_mean"), ("edm_std", "latents_std")):
            found[name] = torch.tensor(EDM_LATENTS[key])[None, :, None, None]
    return found


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
        name: (tensor.to(dtype) if dtype and tensor.is_floating_point() else tensor).contiguous()
        for name, tensor in tensors.items()
    }
    save_file(converted, path, metadata)
    return path


@cache
def unet_names(ident: str, *, xl: bool = False) -> dict[str, str]:
    """Return diffusers' names of a UNet's tensors by those in a single file."""
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

    tags = _tags(ident, UNET)
    config = {"layers_per_block": 2, "addition_embed_type": "text_time" if xl else None}
    return _names(tags, convert_ldm_unet_checkpoint(tags, config))


@cache
def vae_names(ident: str) -> dict[str, str]:
    """Return diffusers' names of a VAE's tensors by those in a single file."""
    from diffusers.loaders.single_file_utils import convert_ldm_vae_checkpoint

    tags = _tags(ident, VAE)
    blocks = {"down_block_types": [""] * 4, "up_block_types": [""] * 4}
    return _names(tags, convert_ldm_vae_checkpoint(dict(tags), blocks))


def clip_tensors(text: Mapping[str, Tensor], start: str) -> Tensors:
    """Return the tensors of a text encoder, named as by transformers 4, with the positions that it stored."""
    bare = {name.removeprefix("text_model."): tensor for name, tensor in text.items()}
    found = {f"{start}text_model.{name}": tensor for name, tensor in bare.items()}
    return {**found, f"{start}text_model.embeddings.position_ids": torch.arange(77)[None]}


def open_clip_tensors(text: Mapping[str, Tensor], start: str) -> Tensors:
    """Return the tensors of a text encoder as OpenCLIP names them; Stable Diffusion 2 has one more layer there."""
    from diffusers.loaders.single_file_utils import DIFFUSERS_TO_LDM_MAPPING

    mapping = DIFFUSERS_TO_LDM_MAPPING["openclip"]
    bare = {name.removeprefix("text_model."): tensor for name, tensor in text.items()}
    layers = {name: name.replace("encoder.layers.", "transformer.resblocks.") for name in bare}
    for theirs, name in mapping["transformer"].items():
        layers = {each: ours.replace(theirs, name) for each, ours in layers.items()}
    plain = {theirs.removeprefix("text_model."): name for theirs, name in mapping["layers"].items()}
    renamed = {plain.get(name, layers[name]): tensor for name, tensor in bare.items()}
    found = {start + name: tensor for name, tensor in _packed(renamed).items()}
    width = len(found[f"{start}ln_final.bias"])
    if "text_projection.weight" in bare:
        found[f"{start}text_projection"] = bare["text_projection.weight"].T
    else:
        last = {name: tensor for name, tensor in found.items() if f"resblocks.{LAYERS - 1}." in name}
        more = {name.replace(f".{LAYERS - 1}.", f".{LAYERS}."): torch.rand_like(each) for name, each in last.items()}
        found |= {**more, f"{start}text_projection": torch.rand(width, width)}
    return {**found, f"{start}logit_scale": torch.tensor(4.6)}


def _packed(tensors: Mapping[str, Tensor]) -> Tensors:
    """Return the tensors with query, key and value joined, as `torch.nn.MultiheadAttention` names them."""
    found = {name: tensor for name, tensor in tensors.items() if not re.search(r"\.attn\.[qkv]_proj\.", name)}
    for name in tensors:
        if ".attn.q_proj." in name:
            joined = [tensors[name.replace(".q_proj.", f".{part}_proj.")] for part in "qkv"]
            found[name.replace(".q_proj.", ".in_proj_")] = torch.cat(joined)
    return found


def _tags(ident: str, start: str) -> Tensors:
    """Return a tensor with a unique value for each name in a list, with as many dimensions as the true tensor."""
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

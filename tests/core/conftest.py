"""Tiny models with random weights, saved by diffusers and transformers, for all tests of the core."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.devices import Device, limit_threads
from core.models.components import LoadedModel
from core.models.memory import ModelMemory
from core.models.probe import probe
from tests.core.xl_models import make_xl_model

START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = ["f o", "fo x</w>", "r e", "re d</w>", "t h", "th e</w>", "c a", "ca t</w>", "s n", "o w</w>", "sn ow</w>"]


@dataclass(frozen=True)
class Recipe:
    """The settings in which a tiny model may differ from Stable Diffusion 1."""

    name: str
    prediction_type: str = "epsilon"
    vae_blocks: int = 4
    text_width: int = 32
    linear: bool = False
    unet_channels: int = 4
    pad: str = END
    hidden_act: str = "quick_gelu"
    heads: int | tuple[int, int] = 2
    guidance_width: int | None = None
    schedule: Mapping[str, Any] = field(default_factory=dict)


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("sd1"),
        Recipe("sd1-v-factor-4", prediction_type="v_prediction", vae_blocks=3),
        Recipe(
            "sd2",
            prediction_type="v_prediction",
            text_width=64,
            linear=True,
            pad="!",
            hidden_act="gelu",
            heads=(2, 4),
        ),
        Recipe("sd2-factor-4", vae_blocks=3, text_width=64, linear=True, pad="!", hidden_act="gelu"),
        Recipe("inpaint", unet_channels=9),
        Recipe("sd2-inpaint", unet_channels=9, text_width=64, linear=True, pad="!", hidden_act="gelu", heads=(2, 4)),
        Recipe("pix2pix", unet_channels=8),
        Recipe("lcm", guidance_width=32),
        Recipe("zero-snr", "v_prediction", schedule={"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}),
        Recipe("other-activation", hidden_act="gelu_new"),  # an activation that our own CLIP does not support
    )
}


def write_tokenizer(folder: Path, pad: str) -> int:
    """Write a byte-level vocabulary with a few merges and return its size."""
    from tokenizers.pre_tokenizers import ByteLevel

    alphabet = sorted(ByteLevel.alphabet())
    words = [*alphabet, *(letter + "</w>" for letter in alphabet), *("".join(merge.split()) for merge in MERGES)]
    vocabulary = {word: number for number, word in enumerate([*words, START, END])}
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(MERGES) + "\n")
    settings = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": pad, "model_max_length": 77}
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "CLIPTokenizer", **settings}))
    (folder / "special_tokens_map.json").write_text(
        json.dumps({k: v for k, v in settings.items() if k != "model_max_length"})
    )
    return len(vocabulary)


def make_model(folder: Path, recipe: Recipe) -> Path:
    """Write a complete model folder in diffusers layout."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(0)
    words = write_tokenizer(folder / "tokenizer", recipe.pad)
    text = CLIPTextConfig(
        vocab_size=words,
        hidden_size=recipe.text_width,
        intermediate_size=2 * recipe.text_width,
        num_hidden_layers=3,
        num_attention_heads=4,
        hidden_act=recipe.hidden_act,
        bos_token_id=words - 2,
        eos_token_id=words - 1,
    )
    CLIPTextModel(text).save_pretrained(folder / "text_encoder")
    widths = tuple(8 * min(2**block, 4) for block in range(recipe.vae_blocks))
    AutoencoderKL(
        block_out_channels=widths,
        down_block_types=("DownEncoderBlock2D",) * recipe.vae_blocks,
        up_block_types=("UpDecoderBlock2D",) * recipe.vae_blocks,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
    ).save_pretrained(folder / "vae")
    UNet2DConditionModel(
        sample_size=8,
        in_channels=recipe.unet_channels,
        block_out_channels=(16, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=recipe.text_width,
        attention_head_dim=recipe.heads,
        norm_num_groups=4,
        use_linear_projection=recipe.linear,
        time_cond_proj_dim=recipe.guidance_width,
    ).save_pretrained(folder / "unet")
    DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
        prediction_type=recipe.prediction_type,
        **recipe.schedule,
    ).save_pretrained(folder / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


PRUNED = {
    "mid_block_type": None,
    "transformer_layers_per_block": (1, 1, 2),
    "reverse_transformer_layers_per_block": ((2, 1), (1, 1), 1),
}
"""The structure of SSD-1B and Vega: no middle block, and other numbers of layers on the way up."""

XL_RECIPES: dict[str, Callable[[Path], Path]] = {
    "sdxl": partial(make_xl_model, write_tokenizer=write_tokenizer),
    "sdxl-inpaint": partial(make_xl_model, write_tokenizer=write_tokenizer, channels=9),
    "sdxl-pix2pix": partial(make_xl_model, write_tokenizer=write_tokenizer, channels=8),
    "sdxl-lcm": partial(make_xl_model, write_tokenizer=write_tokenizer, changes={"time_cond_proj_dim": 32}),
    "ssd-1b": partial(make_xl_model, write_tokenizer=write_tokenizer, changes=PRUNED),
    "playground": partial(make_xl_model, write_tokenizer=write_tokenizer, edm="epsilon"),
    "sdxl-edm": partial(make_xl_model, write_tokenizer=write_tokenizer, edm="v_prediction"),
    "sdxl-refiner": partial(make_xl_model, write_tokenizer=write_tokenizer, refiner=True),
}


def make_recipe(folder: Path, name: str) -> Path:
    """Write the model folder that the recipe with this name describes."""
    return XL_RECIPES[name](folder) if name in XL_RECIPES else make_model(folder, RECIPES[name])


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Run on one thread, as the core does for small models: several threads add numbers in a different order."""
    with limit_threads(0):
        yield


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of the model that the recipe with this name describes, created once."""
    made: dict[str, Path] = {}

    def folder_of(name: str) -> Path:
        if name not in made:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made[name] = make_recipe(tmp_path_factory.mktemp("models") / name, name)
        return made[name]

    return folder_of


@pytest.fixture(scope="session")
def model_of(model_folder: Callable[[str], Path]) -> Callable[..., LoadedModel]:
    """Return a recipe's model on the CPU, cached for the whole session."""
    memory = ModelMemory()

    def model(recipe: str, dtype_name: str = "fp32") -> LoadedModel:
        return LoadedModel(probe(model_folder(recipe)), Device("cpu", 0, dtype_name), memory)

    return model


@pytest.fixture(scope="session")
def pipeline_of(model_folder: Callable[[str], Path]) -> Callable[[str, str], Any]:
    """Return a diffusers pipeline of this class with the weights of a recipe's model."""
    made: dict[tuple[str, str], tuple[Any, Any]] = {}

    def pipeline(recipe: str, class_name: str) -> Any:
        key = (recipe, class_name)
        if key not in made:
            more = {} if "XL" in class_name else {"safety_checker": None}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import diffusers

                loaded = getattr(diffusers, class_name).from_pretrained(model_folder(recipe), **more)
            loaded.set_progress_bar_config(disable=True)
            made[key] = (loaded, loaded.scheduler)
        known, scheduler = made[key]
        known.scheduler = scheduler  # an earlier test may have replaced the scheduler
        return known

    return pipeline

"""Writes tiny models with the structure of Stable Diffusion XL: the base model and the refiner."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

TEXT_WIDTHS = {"text_encoder": 32, "text_encoder_2": 64}
POOLED_WIDTH, TIME_WIDTH = 48, 8
SIZES = {"base": 6, "refiner": 5}
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}


def make_xl_model(
    folder: Path,
    write_tokenizer: Callable[[Path, str], int],
    *,
    refiner: bool = False,
    channels: int = 4,
    edm: str = "",
    changes: Mapping[str, Any] | None = None,
) -> Path:
    """Write a complete folder in diffusers layout; the refiner has only the second text encoder.

    channels: of the UNet's input, 9 for inpainting. edm: what the UNet predicts if the noise schedule is that of
    Playground 2.5, whose VAE states the mean and deviation of its latents. changes: further settings of the UNet.
    """
    import torch
    from diffusers import AutoencoderKL, EDMDPMSolverMultistepScheduler, EulerDiscreteScheduler

    torch.manual_seed(3 if refiner else 2)
    if not refiner:
        _write_encoder(folder, "text_encoder", write_tokenizer(folder / "tokenizer", "<|endoftext|>"))
    _write_encoder(folder, "text_encoder_2", write_tokenizer(folder / "tokenizer_2", "!"))
    _write_unet(folder / "unet", refiner=refiner, channels=channels, changes=changes or {})
    AutoencoderKL(
        block_out_channels=(8, 16, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
        scaling_factor=0.5 if edm else 0.13025,
        latents_mean=[-1.5, 0.25, 2.0, 0.5] if edm else None,
        latents_std=[8.5, 5.5, 5.0, 5.25] if edm else None,
    ).save_pretrained(folder / "vae")
    if edm:
        EDMDPMSolverMultistepScheduler(prediction_type=edm).save_pretrained(folder / "scheduler")
    else:
        EulerDiscreteScheduler(**BETAS, timestep_spacing="leading", steps_offset=1).save_pretrained(
            folder / "scheduler"
        )
    _write_index(folder, refiner=refiner)
    return folder


def _write_encoder(folder: Path, part: str, words: int) -> None:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    second = part == "text_encoder_2"
    width = TEXT_WIDTHS[part]
    config = CLIPTextConfig(
        vocab_size=words,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=4 if second else 3,
        num_attention_heads=4,
        hidden_act="gelu" if second else "quick_gelu",
        projection_dim=POOLED_WIDTH,
        bos_token_id=words - 2,
        eos_token_id=2
        if second
        else words - 1,  # as in the published model, whose second encoder has the old, wrong id
    )
    (CLIPTextModelWithProjection if second else CLIPTextModel)(config).save_pretrained(folder / part)


def _write_unet(folder: Path, *, refiner: bool, channels: int, changes: Mapping[str, Any]) -> None:
    from diffusers import UNet2DConditionModel

    sizes = SIZES["refiner" if refiner else "base"]
    UNet2DConditionModel(
        sample_size=8,
        in_channels=channels,
        block_out_channels=(16, 16, 32),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=TEXT_WIDTHS["text_encoder_2"] if refiner else sum(TEXT_WIDTHS.values()),
        attention_head_dim=(2, 2, 4),
        norm_num_groups=4,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=TIME_WIDTH,
        projection_class_embeddings_input_dim=POOLED_WIDTH + sizes * TIME_WIDTH,
        **{"transformer_layers_per_block": (1, 1, 2), **changes},
    ).save_pretrained(folder)


def _write_index(folder: Path, *, refiner: bool) -> None:
    first = None if refiner else "transformers"
    index = {
        "_class_name": "StableDiffusionXLImg2ImgPipeline" if refiner else "StableDiffusionXLPipeline",
        "_diffusers_version": "0.42.1",
        "force_zeros_for_empty_prompt": not refiner,
        **({"requires_aesthetics_score": True} if refiner else {}),
        "scheduler": ["diffusers", "EulerDiscreteScheduler"],
        "text_encoder": [first, first and "CLIPTextModel"],
        "text_encoder_2": ["transformers", "CLIPTextModelWithProjection"],
        "tokenizer": [first, first and "CLIPTokenizer"],
        "tokenizer_2": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
    }
    (folder / "model_index.json").write_text(json.dumps(index))

"""The configs of VAEs and text encoders are derived from their tensors; noise schedules follow from the family."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from core.models.derived.config import derived_config
from core.models.derived.schedule import schedule_config
from core.models.derived.vae import vae_config
from core.models.part import PartSource
from core.text.clip import ClipConfig, ClipText
from tests.core.models.published_configs import VAE, settings_of
from tests.core.models.published_names import published

CLIP_L = {"architectures": ["CLIPTextModel"], "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
          "num_attention_heads": 12, "hidden_act": "quick_gelu"}  # fmt: skip
CLIP_H = {**CLIP_L, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 23, "num_attention_heads": 16,
          "hidden_act": "gelu"}  # fmt: skip
CLIP_G = {"architectures": ["CLIPTextModelWithProjection"], "hidden_size": 1280, "intermediate_size": 5120,
          "num_hidden_layers": 32, "num_attention_heads": 20, "hidden_act": "gelu", "projection_dim": 1280}  # fmt: skip


def derived(ident: str, part: str, family: str, layout: str = "diffusers", prefix: str = "") -> dict[str, Any]:
    source = PartSource(part, Path("model.safetensors"), layout=layout, prefix=prefix)
    return derived_config(source, published()[ident].shapes, family)


@pytest.mark.parametrize(("family", "scaling"), [("sd1", 0.18215), ("sd2", 0.18215), ("sdxl", 0.13025)])
@pytest.mark.parametrize(
    ("ident", "layout", "prefix"),
    [("sd1-checkpoint", "ldm", "first_stage_model."), ("sd-vae-ldm", "ldm", ""), ("sd-vae", "diffusers", "")],
)
def test_a_vae_has_the_published_config_of_its_family(
    ident: str, layout: str, prefix: str, family: str, scaling: float
) -> None:
    found = derived(ident, "vae", family, layout, prefix)
    assert {key: found[key] for key in VAE} == VAE
    assert (found["latent_channels"], found["in_channels"], found["out_channels"]) == (4, 3, 3)
    assert found["scaling_factor"] == scaling


def test_the_derived_config_of_a_vae_makes_the_same_network() -> None:
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        from diffusers import AutoencoderKL

        made = AutoencoderKL.from_config(derived("sd-vae-ldm", "vae", "sd1", "ldm"))
        real = AutoencoderKL(**VAE)
    assert {name: tuple(each.shape) for name, each in made.state_dict().items()} == published()["sd-vae"].shapes
    assert settings_of(made) == settings_of(real)


def test_a_vae_without_attention_and_without_quantization_layers_has_the_config_that_says_so() -> None:
    shapes = {
        name: shape
        for name, shape in published()["sd-vae"].shapes.items()
        if "quant_conv" not in name and ".attentions." not in name
    }
    found = derived_config(PartSource("vae", Path("model.safetensors")), shapes, "sd1")
    assert [found[name] for name in ("mid_block_add_attention", "use_quant_conv", "use_post_quant_conv")] == [False] * 3


@pytest.mark.parametrize(
    ("ident", "part", "family", "layout", "prefix", "expected"),
    [
        ("sd1-checkpoint", "text_encoder", "sd1", "transformers", "cond_stage_model.transformer.", CLIP_L),
        ("sdxl-checkpoint", "text_encoder", "sdxl", "transformers", "conditioner.embedders.0.transformer.", CLIP_L),
        ("clip-l", "text_encoder", "sd1", "diffusers", "", CLIP_L),
        ("sd2-checkpoint", "text_encoder", "sd2", "open-clip", "cond_stage_model.model.", CLIP_H),
        ("clip-h-open", "text_encoder", "sd2", "open-clip", "", CLIP_H),
        ("sdxl-checkpoint", "text_encoder_2", "sdxl", "open-clip", "conditioner.embedders.1.model.", CLIP_G),
        ("clip-g", "text_encoder_2", "sdxl", "transformers", "", CLIP_G),
        ("sdxl-refiner-checkpoint", "text_encoder_2", "sdxl-refiner", "open-clip", "conditioner.embedders.0.model.",
         CLIP_G),
    ],
)  # fmt: skip
def test_a_text_encoder_has_the_published_config(
    ident: str, part: str, family: str, layout: str, prefix: str, expected: dict[str, Any]
) -> None:
    found = derived(ident, part, family, layout, prefix)
    assert {key: found[key] for key in expected} == expected
    assert (found["vocab_size"], found["max_position_embeddings"]) == (49408, 77)


@pytest.mark.parametrize("ident", ["clip-l", "clip-g"])
def test_our_text_encoder_with_the_derived_config_has_the_published_names_and_shapes(ident: str) -> None:
    config = derived(ident, "text_encoder", "sd1")
    with torch.device("meta"):
        encoder = ClipText(ClipConfig.from_json(config))
    published_shapes = {name.removeprefix("text_model."): shape for name, shape in published()[ident].shapes.items()}
    own = {name: tuple(each.shape) for name, each in encoder.state_dict().items() if "text_projection" not in name}
    assert own == {name: shape for name, shape in published_shapes.items() if "text_projection" not in name}


def test_stable_diffusion_2_keeps_all_layers_of_a_file_that_lacks_the_last_one() -> None:
    """Files that diffusers makes from a folder have 23 layers and no projection."""
    shapes = {
        name: shape
        for name, shape in published()["clip-h-open"].shapes.items()
        if ".resblocks.23." not in name and name != "text_projection"
    }
    found = derived_config(PartSource("text_encoder", Path("m"), layout="open-clip"), shapes, "sd2")
    assert found["num_hidden_layers"] == 23


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda name: not name.startswith("encoder."), "it has no encoder"),
        (lambda name: not name.startswith("decoder.up_blocks.3"), "its encoder has 4 levels and its decoder 3"),
        (lambda name: not name.startswith("encoder.down_blocks.1.resnets.1"),
         "its levels have different numbers of layers ([1, 2])"),
    ],
)  # fmt: skip
def test_a_vae_that_diffusers_has_no_class_for_is_refused(harm: Callable[[str], bool], message: str) -> None:
    shapes = {name: shape for name, shape in published()["sd-vae"].shapes.items() if harm(name)}
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        vae_config(shapes, "sd1")


SD1_SCHEDULE = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "num_train_timesteps": 1000,
                "steps_offset": 1, "clip_sample": False, "set_alpha_to_one": False, "skip_prk_steps": True}  # fmt: skip


def test_the_noise_schedules_are_the_published_ones() -> None:
    xl = {**SD1_SCHEDULE, "timestep_spacing": "leading", "interpolation_type": "linear", "sample_max_value": 1.0}
    assert schedule_config("sd1") == {**SD1_SCHEDULE, "prediction_type": "epsilon"}
    assert schedule_config("sd2", prediction="v_prediction") == {**SD1_SCHEDULE, "prediction_type": "v_prediction"}
    assert schedule_config("sdxl") == schedule_config("sdxl-refiner") == {**xl, "prediction_type": "epsilon"}


def test_a_schedule_with_zero_signal_to_noise_ratio_is_rescaled() -> None:
    found = schedule_config("sdxl", prediction="v_prediction", zero_snr=True)
    assert (found["prediction_type"], found["rescale_betas_zero_snr"]) == ("v_prediction", True)


@pytest.mark.parametrize(("variant", "spacing"), [("turbo", None), ("lightning", None), ("lcm", "leading")])
def test_settings_that_a_variant_replaces_are_left_out(variant: str, spacing: str | None) -> None:
    """A model's own settings win over those of its variant."""
    assert schedule_config("sdxl", variant=variant).get("timestep_spacing") == spacing

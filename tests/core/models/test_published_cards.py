"""The cards of published models in single files, made from the true names and shapes of their tensors alone."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from core.models.catalog import card_at
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published

MASK, IMAGE = ("mask",), ("image",)
CARDS = {
    "sd1-checkpoint": ("sd1", "", (), 512, 768, 12, ("text_encoder",)),
    "sd1-ema-checkpoint": ("sd1", "", (), 512, 768, 12, ("text_encoder",)),
    "sd1-inpainting-checkpoint": ("sd1", "inpainting", MASK, 512, 768, 12, ("text_encoder",)),
    "sd1-pix2pix-checkpoint": ("sd1", "pix2pix", IMAGE, 512, 768, 12, ("text_encoder",)),
    "sd2-checkpoint": ("sd2", "", (), 512, 1024, 23, ("text_encoder",)),
    "sd2-inpainting-checkpoint": ("sd2", "inpainting", MASK, 512, 1024, 23, ("text_encoder",)),
    "sdxl-checkpoint": ("sdxl", "", (), 1024, 2048, 11, ("text_encoder", "text_encoder_2")),
    "sdxl-inpainting-checkpoint": ("sdxl", "inpainting", MASK, 1024, 2048, 11, ("text_encoder", "text_encoder_2")),
    "ssd-1b-checkpoint": ("sdxl", "ssd-1b", (), 1024, 2048, 11, ("text_encoder", "text_encoder_2")),
    "vega-checkpoint": ("sdxl", "vega", (), 1024, 2048, 11, ("text_encoder", "text_encoder_2")),
    "sdxl-refiner-checkpoint": ("sdxl-refiner", "", (), 1024, 1280, 31, ("text_encoder_2",)),
}
"""Family, variant, needs, side in pixels, text width, text layers and text encoders, by the list of names."""


@pytest.mark.parametrize("ident", CARDS)
def test_the_card_of_a_published_model_follows_from_its_header(ident: str, tmp_path: Path) -> None:
    card = card_at(write_safetensors(tmp_path / "fox.safetensors", published()[ident].shapes))
    found = (
        card.family,
        card.variant,
        card.needs,
        card.width,
        card.cross_attention_dim,
        card.text_layers,
        card.encoders,
    )
    assert found == CARDS[ident]
    assert (card.height, card.vae_scale_factor, card.borrowed) == (card.width, 8, {})
    assert card.prediction_type == "epsilon"


@pytest.mark.parametrize(
    ("name", "steps", "guidance", "scheduler"),
    [
        ("sdxl_turbo", 4, 0.0, "euler_a"),
        ("sdxl_lightning_8step", 8, 0.0, "euler"),
        ("Hyper-SDXL-1step", 1, 0.0, "ddim"),
    ],
)
def test_a_file_named_turbo_lightning_or_hyper_has_settings_for_few_steps(
    tmp_path: Path, name: str, steps: int, guidance: float, scheduler: str
) -> None:
    card = card_at(write_safetensors(tmp_path / f"{name}.safetensors", published()["sdxl-checkpoint"].shapes))
    assert (card.steps, card.guidance, card.scheduler) == (steps, guidance, scheduler)
    assert card.schedule["timestep_spacing"] == "trailing"


def test_limits_of_the_noise_level_are_read_from_tensors(tmp_path: Path) -> None:
    shapes = published()["sdxl-checkpoint"].shapes
    sigmas = {"edm_vpred.sigma_min": 0.02, "edm_vpred.sigma_max": 100.0}
    path = write_safetensors(tmp_path / "cosxl.safetensors", {**shapes, **dict.fromkeys(sigmas, ())}, "F32")
    with path.open("r+b") as file:
        for at, value in zip((8, 4), sigmas.values(), strict=True):  # the last two tensors
            file.seek(-at, 2)
            file.write(struct.pack("<f", value))
    card = card_at(path)
    assert (card.variant, card.prediction_type, card.scheduler) == ("edm", "v_prediction", "euler")
    assert card.schedule["sigma_min"] == pytest.approx(0.02)
    assert card.schedule["sigma_max"] == 100.0


def test_marker_tensors_select_velocity_prediction_and_zero_snr(tmp_path: Path) -> None:
    shapes = {**published()["sdxl-checkpoint"].shapes, "v_pred": (0,), "ztsnr": (0,)}
    card = card_at(write_safetensors(tmp_path / "fox.safetensors", shapes))
    assert card.prediction_type == "v_prediction"
    assert card.schedule["rescale_betas_zero_snr"] is True

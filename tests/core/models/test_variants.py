"""Variants: models of a family with other inputs or other default settings, recognized by settings and names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.denoising.schedulers import make_scheduler
from core.errors import ModelBroken, ModelUnsupported
from core.models.folder_evidence import evidence_of
from core.models.kinds.identify import identify
from core.models.probe import probe
from core.models.single_file import card_of_file
from core.models.usual_settings import steps_in

ModelFolder = Callable[[str], Path]


def change(path: Path, **settings: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **settings}))


@pytest.mark.parametrize(
    ("recipe", "variant", "needs"),
    [("sd1", "", ()), ("inpaint", "inpainting", ("mask",)), ("pix2pix", "pix2pix", ("image",)), ("lcm", "lcm", ())],
)
def test_the_inputs_of_a_unet_show_its_variant(
    model_folder: ModelFolder, recipe: str, variant: str, needs: tuple[str, ...]
) -> None:
    card = probe(model_folder(recipe))
    assert (card.variant, card.needs, card.needs_mask) == (variant, needs, needs == ("mask",))


def test_a_unet_with_the_guidance_scale_as_an_input_has_the_settings_of_an_lcm_model(model_folder: ModelFolder) -> None:
    card = probe(model_folder("lcm"))
    assert (card.steps, card.guidance, card.scheduler, card.guidance_width) == (4, 8.5, "lcm", 32)


@pytest.mark.parametrize(
    ("name", "variant", "steps", "guidance", "scheduler"),
    [
        ("fox", "", 25, 7.5, "dpmpp_2m"),
        ("stabilityai/sd-turbo", "turbo", 4, 0.0, "euler_a"),
        ("fox_lightning_8step", "lightning", 8, 0.0, "euler"),
        ("Hyper-SD15-1step", "hyper", 1, 0.0, "ddim"),
        ("foxLCM", "lcm", 4, 1.0, "lcm"),  # trained with LCM-LoRA: the UNet does not take the scale
    ],
)
def test_names_of_variants_for_few_steps_change_the_default_settings(
    model: Path, name: str, variant: str, steps: int, guidance: float, scheduler: str
) -> None:
    change(model / "scheduler/scheduler_config.json", _class_name="PNDMScheduler")
    card = probe(model, name=name)
    assert (card.variant, card.steps, card.guidance, card.scheduler) == (variant, steps, guidance, scheduler)


def test_the_name_on_the_hub_shows_the_variant_of_a_renamed_folder(model: Path) -> None:
    change(model / "model_index.json", _name_or_path="stabilityai/sd-turbo")
    assert probe(model).variant == "turbo"


def test_a_variant_runs_with_the_scheduler_that_its_settings_name(model: Path) -> None:
    schedule = model / "scheduler/scheduler_config.json"
    change(schedule, _class_name="EulerDiscreteScheduler", timestep_spacing="trailing")
    assert probe(model, name="sd-turbo").scheduler == "euler"
    assert probe(model, name="fox").scheduler == "dpmpp_2m"


@pytest.mark.parametrize(
    ("scheduler", "variant", "guidance"), [("LCMScheduler", "lcm", 1.0), ("TCDScheduler", "tcd", 0.0)]
)
def test_a_scheduler_for_distilled_models_shows_the_variant(
    model: Path, scheduler: str, variant: str, guidance: float
) -> None:
    change(model / "scheduler/scheduler_config.json", _class_name=scheduler)
    card = probe(model)
    assert (card.variant, card.steps, card.guidance, card.scheduler) == (variant, 4, guidance, variant)
    assert identify(evidence_of(model)).variant == variant


def test_a_variant_adds_the_settings_of_a_schedule_that_the_model_does_not_state(model: Path) -> None:
    schedule = model / "scheduler/scheduler_config.json"
    change(schedule, timestep_spacing="leading")
    assert probe(model, name="sd-turbo").schedule["timestep_spacing"] == "leading"
    settings = json.loads(schedule.read_text())
    del settings["timestep_spacing"]
    schedule.write_text(json.dumps(settings))
    assert probe(model, name="sd-turbo").schedule["timestep_spacing"] == "trailing"
    assert "timestep_spacing" not in probe(model, name="fox").schedule


def test_the_settings_of_the_model_itself_win_over_those_of_its_variant(model: Path) -> None:
    (model / "defaults.json").write_text(json.dumps({"steps": 2, "scheduler": "tcd"}))
    card = probe(model, name="sd-turbo")
    assert (card.steps, card.guidance, card.scheduler) == (2, 0.0, "tcd")


@pytest.mark.parametrize(
    ("name", "steps"),
    [("x_4step", 4), ("x-8-steps", 8), ("x 16 Steps", 16), ("x_1step_x0", 1), ("x20steps", None), ("x4stepper", None)],
)
def test_the_number_of_steps_in_a_name(name: str, steps: int | None) -> None:
    assert steps_in(name) == steps


@pytest.mark.parametrize(
    ("channels", "reason"),
    [(5, "its UNet also takes a depth map"), (7, "its UNet takes 7 channels, but its latents have 4")],
)
def test_unets_with_other_inputs_are_refused(model: Path, channels: int, reason: str) -> None:
    change(model / "unet/config.json", in_channels=channels)
    with pytest.raises(ModelUnsupported, match=reason):
        probe(model)


def test_pipelines_that_edit_or_inpaint_are_read_by_their_unet(model_folder: ModelFolder, tmp_path: Path) -> None:
    for recipe, kind in (
        ("pix2pix", "StableDiffusionInstructPix2PixPipeline"),
        ("inpaint", "StableDiffusionInpaintPipeline"),
        ("lcm", "LatentConsistencyModelPipeline"),
    ):
        folder = Path(shutil.copytree(model_folder(recipe), tmp_path / recipe))
        change(folder / "model_index.json", _class_name=kind)
        assert probe(folder).variant == probe(model_folder(recipe)).variant


@pytest.mark.parametrize(("stated", "skip"), [({}, 0), ({"clip_skip": 1}, 1), ({"clip_skip": 2}, 2)])
def test_a_model_states_how_many_layers_to_skip_by_default(model: Path, stated: dict[str, Any], skip: int) -> None:
    (model / "defaults.json").write_text(json.dumps(stated))
    assert probe(model).clip_skip == skip


@pytest.mark.parametrize("stated", [3, -1, "1", 1.5, [1]])
def test_a_model_that_skips_more_layers_than_it_has_is_refused(model: Path, stated: object) -> None:
    (model / "defaults.json").write_text(json.dumps({"clip_skip": stated}))  # the text encoder has 3 layers
    with pytest.raises(ModelBroken, match="its settings are invalid"):
        probe(model)


def test_an_editing_model_whose_image_has_another_scale_is_refused(model_folder: ModelFolder, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(model_folder("sdxl-pix2pix"), tmp_path / "cosxl"))
    assert probe(folder).needs == ("image",)
    change(folder / "model_index.json", is_cosxl_edit=True)
    with pytest.raises(ModelUnsupported, match="it is CosXL Edit"):
        probe(folder)


@pytest.mark.parametrize(
    ("name", "defaults", "spacing"),
    [
        ("sd15_lightning_4step", (4, 0.0, "euler", 512), "trailing"),
        ("fox-turbo", (4, 0.0, "euler_a", 512), "trailing"),
        ("foxLCM_8steps", (8, 1.0, "lcm", 512), None),
        ("fox", (25, 7.5, "dpmpp_2m", 512), None),
    ],
)
def test_the_name_of_a_single_file_shows_its_variant(
    folder_and_file: Callable[[str], tuple[Path, Path]],
    tmp_path: Path,
    name: str,
    defaults: tuple[object, ...],
    spacing: str | None,
) -> None:
    file = tmp_path / f"{name}.safetensors"
    file.symlink_to(folder_and_file("sd1")[1])
    card = card_of_file(file)
    assert (card.steps, card.guidance, card.scheduler, card.width) == defaults
    assert card.schedule.get("timestep_spacing") == spacing


def test_the_markers_of_a_single_file_reach_the_noise_schedule(
    folder_and_file: Callable[[str], tuple[Path, Path]], tmp_path: Path
) -> None:
    tensors = load_file(folder_and_file("sd1")[1])
    markers = {"v_pred": torch.zeros(1), "ztsnr": torch.zeros(1)}
    save_file({**tensors, **markers}, tmp_path / "fox.safetensors")
    card = card_of_file(tmp_path / "fox.safetensors")
    schedule = make_scheduler("ddim", dict(card.schedule))
    assert card.prediction_type == schedule.config.prediction_type == "v_prediction"
    assert schedule.config.timestep_spacing == "trailing"
    assert float(schedule.alphas_cumprod[-1]) == 0.0


@pytest.mark.parametrize(
    ("noted", "skip"), [({}, 0), ({"clip skip": 1}, 0), ({"clip skip": 2}, 1), ({"clip skip": 99}, 0)]
)
def test_a_note_beside_a_single_file_states_the_layers_to_skip(
    folder_and_file: Callable[[str], tuple[Path, Path]], tmp_path: Path, noted: dict[str, Any], skip: int
) -> None:
    file = tmp_path / "fox.safetensors"
    file.symlink_to(folder_and_file("sd1")[1])
    file.with_suffix(".json").write_text(json.dumps(noted))
    assert card_of_file(file).clip_skip == skip

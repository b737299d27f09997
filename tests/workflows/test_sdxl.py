"""Lines with Stable Diffusion XL: the images are those of diffusers' pipelines, pixel by pixel."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.devices import limit_threads
from invocations.language.errors import Refusal
from workflows.estimate import items_of
from workflows.memory_need import memory_of
from workflows.workspace import Workspace

TinyModel = Callable[[str], Path]


@pytest.fixture
def models(workspace: Workspace, tiny_model: TinyModel, isolated_home: Path) -> Workspace:
    """Return a workspace with a base model and a refiner."""
    folder = isolated_home / "data" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for recipe in ("sdxl", "sdxl-refiner"):
        (folder / recipe).symlink_to(tiny_model(recipe))
    return workspace


def drawn(models: Workspace, line: str) -> Any:
    """Return the pixels of the image that a line draws."""
    return np.asarray(models.run(line)[0].image())


def pipeline(folder: Path, name: str) -> Any:
    import diffusers

    made = getattr(diffusers, name).from_pretrained(folder)
    made.set_progress_bar_config(disable=True)
    return made


def theirs(base: Path, refiner: Path | None = None) -> Any:
    """Return the pixels of diffusers' pipelines: of the base, or of the base up to 0.6 and of the refiner then."""
    settings: dict[str, Any] = {"num_inference_steps": 4, "guidance_scale": 5.0}
    settings["generator"] = torch.Generator().manual_seed(7)
    with warnings.catch_warnings(), limit_threads(0):  # several threads would add numbers in a different order
        warnings.simplefilter("ignore")
        first = pipeline(base, "StableDiffusionXLPipeline")
        if refiner is None:
            return np.asarray(first("a red fox", **settings).images[0])
        latents = first("a red fox", **settings, denoising_end=0.6, output_type="latent").images
        second = pipeline(refiner, "StableDiffusionXLImg2ImgPipeline")
        second.vae = first.vae  # the published models have the same VAE, but the tiny ones do not
        return np.asarray(second("a red fox", **settings, denoising_start=0.6, image=latents).images[0])


def test_a_line_draws_the_image_of_the_diffusers_pipeline(models: Workspace, tiny_model: TinyModel) -> None:
    made = drawn(models, "t2i a red fox --model sdxl --steps 4 --seed 7")
    assert made.shape == (64, 64, 3)  # the size of the model
    assert np.array_equal(made, theirs(tiny_model("sdxl")))


def test_a_line_with_a_refiner_draws_the_image_of_both_diffusers_pipelines(
    models: Workspace, tiny_model: TinyModel
) -> None:
    refined = "t2i a red fox --model sdxl --refiner sdxl-refiner --refiner-start 0.6 --steps 4 --seed 7"
    stages = [
        "prompt a red fox --model sdxl | noise --model sdxl --seed 7",
        "denoise --model sdxl --steps 4 --end 0.6 as half",
        "prompt a red fox --model sdxl-refiner",
        "denoise --noise @half --model sdxl-refiner --steps 4 --start 0.6 | decode --model sdxl",
    ]
    expected = theirs(tiny_model("sdxl"), tiny_model("sdxl-refiner"))
    assert np.array_equal(drawn(models, refined), expected)
    assert np.array_equal(drawn(models, " | ".join(stages)), expected)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "t2i a fox --refiner sdxl-refiner",
            "`refiner` cannot be used with the model `default`: only Stable Diffusion XL models can use one",
        ),
        (
            "t2i a fox --model sdxl --refiner default",
            "a refiner must be a model of Stable Diffusion XL, but `default` is Stable Diffusion 1",
        ),
        (
            "prompt a fox --model sdxl | noise --model sdxl-refiner | denoise --model sdxl-refiner",
            "the prompt was encoded with a model of another family (sdxl, not sdxl-refiner)",
        ),
        (
            "model sdxl | prompt a fox | noise | denoise | decode --model default",
            "the latents were made with a model of another family (sdxl, not sd1)",
        ),
        ("t2i a fox --model sdxl --clip-skip 2", "`clip_skip` must be 0 to 1 for this model, not 2"),
        ("t2i a fox --model sdxl --width 100", "`width` must be a multiple of 8, not 100"),
    ],
)
def test_a_line_that_the_model_cannot_run_is_refused_while_it_is_planned(
    models: Workspace, line: str, message: str
) -> None:
    with pytest.raises(Refusal) as refused:
        models.plan(line)
    assert str(refused.value).splitlines()[0] == f"error: {message}"


def test_the_memory_that_a_refiner_needs_is_known_before_the_line_runs(models: Workspace) -> None:
    plan = models.plan("t2i a fox --model sdxl --refiner sdxl-refiner")
    needs = memory_of(models, items_of(models, plan, models.additions(plan)))
    assert [need.model for need in needs] == ["sdxl", "sdxl-refiner"]
    assert [sorted(need.parts) for need in needs] == [
        ["text_encoder", "text_encoder_2", "unet", "vae"],
        ["text_encoder_2", "unet", "vae"],
    ]


@pytest.mark.parametrize(
    ("line", "is_warned"),
    [
        ("t2i a fox --model sdxl-refiner", True),
        ("t2i a fox --model sdxl --refiner sdxl-refiner", False),
        ("t2i a fox --model sdxl", False),
        ("i2i fox.png a fox --model sdxl-refiner", False),
    ],
)
def test_a_refiner_that_draws_alone_causes_a_warning(
    models: Workspace, tmp_path: Path, line: str, is_warned: bool
) -> None:
    image = tmp_path / "fox.png"
    Image.new("RGB", (64, 64)).save(image)
    warnings = [*models.warnings(models.plan(line.replace("fox.png", str(image))))]
    text = (
        "the model `sdxl-refiner` is a refiner, which improves the images of another model; used alone,"
        " it makes poor images: write `--model BASE --refiner sdxl-refiner`"
    )
    assert warnings == [text] * is_warned

"""Several runs at once: each image is that of its run alone, and only runs of one kind share a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
import torch

from core.denoising.batch import denoise_each, groups
from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import Step, denoise
from core.denoising.schedulers import names
from core.errors import BadSetting, Cancelled
from core.latents.noise import make_noise
from core.models.components import LoadedModel
from core.text.encode import encode

ModelOf = Callable[..., LoadedModel]
Runs = list[DenoiseInputs]
RunsFor = Callable[..., Runs]

pytestmark = pytest.mark.usefixtures("one_thread")

PROMPTS = [("a red fox", ""), ("a (blue)1.4 boat", "sea"), ("a tree", "")]
TOLERANCE = 1e-4
"""The largest difference as a fraction of the largest latent: a batch may add numbers in a different order."""


@pytest.fixture
def runs_for() -> RunsFor:
    """Return a function that creates three runs with different seeds and prompts."""

    def make(model: LoadedModel, scheduler: str = "euler", **changes: Any) -> Runs:
        usual = {"steps": 4, "guidance": 5.0, "scheduler": scheduler, **changes}
        return [
            DenoiseInputs(
                noise=make_noise((seed,), 4, 64, 64, model.card.vae_scale_factor),
                conditioning=encode(*prompts, model),
                seeds=(seed,),
                **{name: value[seed] if isinstance(value, list) else value for name, value in usual.items()},
            )
            for seed, prompts in enumerate(PROMPTS)
        ]

    return make


def difference(made: torch.Tensor, alone: torch.Tensor) -> float:
    return float((made - alone).abs().max() / alone.abs().max())


def assert_as_alone(runs: Runs, model: LoadedModel) -> None:
    """Check that all runs share one batch, and that every image is that of its run alone."""
    assert groups(runs) == [[0, 1, 2]]
    together = denoise_each(runs, model)
    for run, made in zip(runs, together, strict=True):
        assert difference(made, denoise(run, model)) < TOLERANCE
    assert min(difference(*pair) for pair in combinations(together, 2)) > 100 * TOLERANCE


@pytest.mark.parametrize("scheduler", names())
def test_each_image_has_its_own_seed_and_prompt(model_of: ModelOf, scheduler: str, runs_for: RunsFor) -> None:
    model = model_of("sd1")
    assert_as_alone(runs_for(model, scheduler), model)


@pytest.mark.parametrize("recipe", ["sd2", "sdxl", "playground"])
def test_each_image_has_its_own_prompt_with_models_of_other_families(
    model_of: ModelOf, recipe: str, runs_for: RunsFor
) -> None:
    model = model_of(recipe)
    assert_as_alone(runs_for(model), model)


IMAGES = [make_noise([seed], 4, 64, 64, 8) for seed in (5, 6, 7)]
MASK = torch.ones(1, 1, 8, 8).tril()


@pytest.mark.parametrize(
    ("recipe", "changes"),
    [
        ("sd1", {"latents": IMAGES, "strength": 0.6}),
        ("sd1", {"latents": IMAGES[0], "strength": 0.6}),
        ("sd1", {"latents": IMAGES, "mask": MASK, "strength": 0.8}),
        ("inpaint", {"latents": IMAGES, "mask": MASK, "masked_latents": IMAGES[::-1]}),
        ("pix2pix", {"edited": IMAGES}),
        ("sd1", {"end": 0.6}),
        ("sd1", {"start": 0.4, "unfinished": IMAGES, "scheduler": "euler_a"}),
        ("sd1", {"guidance": 1.0}),
        ("sdxl", {"guidance_rescale": 0.7}),
    ],
    ids=str,
)
def test_images_masks_and_parts_of_the_schedule_belong_to_their_run(
    model_of: ModelOf, recipe: str, changes: dict[str, Any], runs_for: RunsFor
) -> None:
    model = model_of(recipe)
    assert_as_alone(runs_for(model, **changes), model)


def test_one_run_alone_is_not_changed_by_a_bit(model_of: ModelOf, runs_for: RunsFor) -> None:
    model = model_of("sd1")
    run = runs_for(model)[1]
    assert torch.equal(denoise_each([run], model)[0], denoise(run, model))


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 5},
        {"guidance": 4.0},
        {"scheduler": "ddim"},
        {"eta": 0.5},
        {"noise": torch.zeros(1, 4, 8, 16)},
        {"latents": IMAGES[0], "mask": MASK},
        {"sliced": True},
    ],
    ids=str,
)
def test_runs_that_differ_in_more_than_images_do_not_share_a_batch(
    model_of: ModelOf, changes: dict[str, Any], runs_for: RunsFor
) -> None:
    first, second, third = runs_for(model_of("sd1"))
    assert groups([first, replace(second, **changes), third]) == [[0, 2], [1]]


def test_prompts_with_more_chunks_run_in_their_own_batch(model_of: ModelOf, runs_for: RunsFor) -> None:
    model = model_of("sd1")
    runs = runs_for(model)
    runs[1] = replace(runs[1], conditioning=encode("a fox in the snow " * 30, "", model))
    assert groups(runs) == [[0, 2], [1]]
    together = denoise_each(runs, model)
    assert [made.shape for made in together] == [(1, 4, 8, 8)] * 3
    assert all(difference(made, denoise(run, model)) < TOLERANCE for made, run in zip(together, runs, strict=True))


def test_every_step_is_reported_for_each_run_with_its_own_latents(model_of: ModelOf, runs_for: RunsFor) -> None:
    model, seen = model_of("sd1"), list[tuple[int, Step]]()
    together = denoise_each(runs_for(model), model, on_step=lambda index, step: seen.append((index, step)))
    assert [(index, step.number, step.count) for index, step in seen] == [
        (index, number, 4) for number in range(1, 5) for index in range(3)
    ]
    assert all(torch.equal(step.latents, made) for made, (_, step) in zip(together, seen[-3:], strict=True))
    assert {tuple(step.clean.shape) for _, step in seen} == {(1, 4, 8, 8)}


def test_a_batch_that_is_cancelled_stops_before_the_next_step(model_of: ModelOf, runs_for: RunsFor) -> None:
    model, seen = model_of("sd1"), list[int]()
    with pytest.raises(Cancelled):
        denoise_each(
            runs_for(model), model, on_step=lambda index, step: seen.append(index), cancelled=lambda: len(seen) > 3
        )
    assert seen == [0, 1, 2, 0, 1, 2]


def test_a_run_that_is_refused_ends_the_batch(model_of: ModelOf, runs_for: RunsFor) -> None:
    model = model_of("sd1")
    runs = runs_for(model)
    runs[2] = replace(runs[2], strength=0.1)
    with pytest.raises(BadSetting, match="strength must be"):
        denoise_each(runs, model)

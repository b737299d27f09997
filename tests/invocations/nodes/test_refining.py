"""Stable Diffusion XL with nodes: two encoders, and a refiner that runs the last steps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invocations.errors import BadValue
from invocations.nodes.fitting import Encode
from invocations.nodes.generation import Decode, Denoise, Noise, Prompt
from invocations.values import ConditioningRef, LatentsRef, ModelRef, from_json

ModelOf = Callable[[str], ModelRef]
STEPS = {"steps": 5, "scheduler": "euler"}


@pytest.fixture
def model_of(context: Any, tiny_model: Callable[[str], Path]) -> ModelOf:
    return lambda recipe: context.models.find(str(tiny_model(recipe)))


def inputs(context: Any, model: ModelRef, **prompt: Any) -> dict[str, Any]:
    """Return the inputs of a run with seed 7."""
    conditioning = Prompt(model=model, **{"text": "a (red)1.4 fox", "negative": "cat", **prompt}).invoke(context)
    noise = Noise(model=model, seed=7).invoke(context).noise
    return {"model": model, "noise": noise, "conditioning": conditioning.conditioning, **STEPS}


def test_an_image_has_the_size_of_the_model(context: Any, model_of: ModelOf) -> None:
    base = model_of("sdxl")
    latents = Denoise(**inputs(context, base)).invoke(context).latents
    image = Decode(model=base, latents=latents).invoke(context).image
    assert (image.width, image.height, latents.denoised_to) == (64, 64, None)
    assert context.messages == []
    assert context.facts["guidance"] == 5.0


@pytest.mark.parametrize("syntax", ["invoke", "a1111"])
def test_a_refiner_draws_what_two_runs_with_two_prompts_draw(context: Any, model_of: ModelOf, syntax: str) -> None:
    base, refiner = model_of("sdxl"), model_of("sdxl-refiner")
    given = inputs(context, base, text="a ((red)) fox", prompt_syntax=syntax)
    context.steps.clear()
    refined = Denoise(**given, refiner=refiner, refiner_start=0.6).invoke(context).latents
    assert context.steps == [(step, 5) for step in range(1, 6)]
    assert context.facts["refiner"] == "sdxl-refiner"
    half = Denoise(**given, end=0.6).invoke(context).latents
    assert half.denoised_to == 0.6
    rest = inputs(context, refiner, text="a ((red)) fox", prompt_syntax=syntax) | {"noise": half}
    for start in (0.6, None):  # without a start, the run continues where the other one has stopped
        assert Denoise(**rest, start=start).invoke(context).latents == refined
    assert refined.denoised_to is None
    assert Denoise(**given).invoke(context).latents != refined


def test_clip_skip_changes_the_prompt_of_the_base_model_only(context: Any, model_of: ModelOf) -> None:
    base, refiner = model_of("sdxl"), model_of("sdxl-refiner")
    made = [
        Denoise(**inputs(context, base, clip_skip=skip), refiner=refiner, refiner_start=0.6).invoke(context).latents
        for skip in (0, 1)
    ]
    assert made[0] != made[1]


def test_an_image_and_a_mask_are_respected_by_the_refiner(context: Any, model_of: ModelOf) -> None:
    base, refiner = model_of("sdxl"), model_of("sdxl-refiner")
    latents = Encode(model=base, image=context.images.put(Image.new("RGB", (64, 64), "red"))).invoke(context).latents
    black = context.images.put_mask(Image.new("L", (64, 64)))
    given = inputs(context, base) | {"latents": latents, "strength": 0.8, "refiner": refiner}
    assert Denoise(**given, mask=black).invoke(context).latents.name == latents.name
    assert Denoise(**given).invoke(context).latents.name != latents.name
    assert context.steps[-1] == (4, 4)


def test_latents_with_noise_are_decoded_with_a_warning(context: Any, model_of: ModelOf) -> None:
    base = model_of("sdxl")
    half = Denoise(**inputs(context, base), end=0.6).invoke(context).latents
    Decode(model=base, latents=half).invoke(context)
    assert context.messages == [
        "these latents still contain noise: they were only denoised up to 0.6; another `denoise` removes it"
    ]


def test_denoising_cannot_continue_elsewhere_than_it_has_stopped(context: Any, model_of: ModelOf) -> None:
    given = inputs(context, model_of("sdxl"))
    half = Denoise(**given, end=0.6).invoke(context).latents
    with pytest.raises(BadValue) as refused:
        Denoise(**{**given, "noise": half}, start=0.8).invoke(context)
    assert refused.value.message == "the latents were denoised up to 0.6, so denoising cannot start at 0.8"
    assert refused.value.hint == "write `--start 0.6`, or omit it"


@pytest.mark.parametrize(
    "ref",
    [LatentsRef("a" * 64, 64, 64, 7, 0.6), ConditioningRef("b" * 64, "(a)", "", "a1111")],
    ids=["latents", "prompt"],
)
def test_references_are_read_back_from_json(ref: LatentsRef | ConditioningRef) -> None:
    assert from_json(ref.to_json()) == ref


def test_references_stored_by_version_0_1_0_are_read() -> None:
    latents = {"kind": "latents", "name": "a", "width": 8, "height": 8, "seed": 7}
    assert from_json(latents) == LatentsRef("a", 8, 8, 7)
    assert LatentsRef("a", 8, 8, 7).to_json() == latents
    prompt = {"kind": "conditioning", "name": "b", "prompt": "fox", "negative": ""}
    assert from_json(prompt) == ConditioningRef("b", "fox", "")
    assert ConditioningRef("b", "fox", "").to_json() == prompt

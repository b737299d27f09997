"""Runs side by side: each image is that of its run alone, to the last bit, and an error in one run ends them all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import Step, denoise
from core.denoising.side_by_side import denoise_side_by_side
from core.devices import limit_threads
from core.errors import BadSetting, Cancelled
from core.models.components import LoadedModel
from core.text.encode import encode

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseInputs]


def runs_for(model: LoadedModel, request_for: RequestFor, scheduler: str = "euler") -> list[DenoiseInputs]:
    prompts = ("a red fox", "a (blue)1.4 boat", "a tree")
    return [
        replace(request_for(model, (seed,), scheduler), conditioning=encode(prompt, "", model))
        for seed, prompt in enumerate(prompts)
    ]


@pytest.mark.parametrize("recipe", ["sd1", "sd2", "sdxl"])
@pytest.mark.parametrize("scheduler", ["ddim", "euler_a", "dpmpp_2m", "dpmpp_sde"])
def test_each_image_is_bit_by_bit_that_of_its_run_alone(
    model_of: ModelOf, recipe: str, scheduler: str, request_for: RequestFor
) -> None:
    model = model_of(recipe)
    runs = runs_for(model, request_for, scheduler)
    alone = [denoise(run, model) for run in runs]
    together = denoise_side_by_side(runs, model)
    assert all(torch.equal(made, expected) for made, expected in zip(together, alone, strict=True))


def test_every_run_reports_its_own_steps_in_a_thread_of_its_own_with_one_thread_of_torch(
    model_of: ModelOf, request_for: RequestFor
) -> None:
    model, threads = model_of("sd1"), torch.get_num_threads()
    steps: dict[int, list[Step]] = {0: [], 1: [], 2: []}
    seen: dict[int, tuple[int, int]] = {}
    barrier = threading.Barrier(3, timeout=60)

    def on_step(index: int, step: Step) -> None:
        steps[index].append(step)
        seen[index] = threading.get_ident(), torch.get_num_threads()
        barrier.wait()  # so that no run ends before the others have begun

    together = denoise_side_by_side(runs_for(model, request_for), model, on_step=on_step)
    assert [[step.number for step in steps[index]] for index in range(3)] == [[1, 2, 3, 4]] * 3
    assert all(torch.equal(steps[index][-1].latents, made) for index, made in enumerate(together))
    assert len({ident for ident, _ in seen.values()}) == 3
    assert {count for _, count in seen.values()} == {1}
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("bad", [0, 2])
def test_an_error_in_one_run_ends_them_all_and_is_raised(model_of: ModelOf, bad: int, request_for: RequestFor) -> None:
    model = model_of("sd1")
    runs = runs_for(model, request_for)
    runs[bad] = replace(runs[bad], strength=0.1)
    with pytest.raises(BadSetting, match="strength must be"):
        denoise_side_by_side(runs, model)
    assert not [thread for thread in threading.enumerate() if thread.name == "image"]


def test_cancelled_runs_stop_before_their_next_step(model_of: ModelOf, request_for: RequestFor) -> None:
    model, seen = model_of("sd1"), list[Any]()
    with pytest.raises(Cancelled):
        denoise_side_by_side(
            runs_for(model, request_for),
            model,
            on_step=lambda index, step: seen.append((index, step.number)),
            cancelled=lambda: len(seen) > 0,
        )
    assert {number for _, number in seen} == {1}


def test_the_number_of_threads_is_the_same_after_runs_side_by_side(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("sd1")
    with limit_threads(0):
        denoise_side_by_side(runs_for(model, request_for)[:1], model)
        assert torch.get_num_threads() == 1

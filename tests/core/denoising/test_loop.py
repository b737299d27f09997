"""The denoising loop: steps, cancellation, batches, masks and precision."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from core.denoising import loop
from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import Step, denoise
from core.denoising.schedulers import names
from core.devices import choose_device
from core.errors import BadSetting, Cancelled, OutOfMemory
from core.latents.noise import make_noise
from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at
from core.models.components import LoadedModel
from core.models.memory import ModelMemory
from core.text.encode import chunks, encode

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseInputs]


@pytest.mark.parametrize("scheduler", names())
@pytest.mark.parametrize("steps", [1, 5])
def test_every_scheduler_runs_without_warnings(
    model_of: ModelOf, scheduler: str, steps: int, request_for: RequestFor
) -> None:
    model = model_of("sd1")
    seen: list[Step] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        latents = denoise(request_for(model, scheduler=scheduler, steps=steps), model, on_step=seen.append)
    assert latents.shape == (1, 4, 8, 8)
    assert latents.isfinite().all()
    assert all(step.clean.isfinite().all() for step in seen)
    assert seen[-1].number == seen[-1].count
    assert [step.number for step in seen] == list(range(1, seen[-1].count + 1))


@pytest.mark.parametrize("scheduler", ["ddim", "euler", "dpmpp_2m"])
def test_the_clean_estimate_of_a_step_is_closer_to_the_result_than_the_noisy_latents_of_that_step(
    scheduler: str, request_for: RequestFor
) -> None:
    model = LoadedModel(card_at(DEFAULT_PATH), choose_device("cpu"), ModelMemory())
    seen: list[Step] = []
    asked = replace(request_for(model, scheduler=scheduler, steps=12), conditioning=encode("a red house", "", model))
    latents = denoise(asked, model, on_step=seen.append)
    for step in seen[4:7]:
        near, far = ((latents - one).square().mean() for one in (step.clean, step.latents))
        assert near < 0.8 * far, step.number


@pytest.mark.parametrize("scheduler", ["euler", "ddim", "dpmpp_2m", "unipc", "heun"])
def test_step_numbers_match_the_requested_steps(model_of: ModelOf, scheduler: str, request_for: RequestFor) -> None:
    model = model_of("sd1")
    seen: list[tuple[int, int]] = []
    denoise(request_for(model, scheduler=scheduler, steps=6), model, on_step=lambda s: seen.append((s.number, s.count)))
    assert seen == [(number, 6) for number in range(1, 7)]


def test_a_low_denoising_strength_runs_fewer_steps(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("sd1")
    request = replace(request_for(model, steps=10), latents=make_noise([5], 4, 64, 64, 8), strength=0.35)
    seen: list[tuple[int, int]] = []
    denoise(request, model, on_step=lambda step: seen.append((step.number, step.count)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("recipe", ["sd1", "sd2", "sdxl"])
def test_sliced_denoising_changes_the_results_only_by_rounding(
    model_of: ModelOf, recipe: str, monkeypatch: pytest.MonkeyPatch, request_for: RequestFor
) -> None:
    from core import sliced_attention as attention

    model = model_of(recipe)
    request = request_for(model, seeds=(1, 2))
    sizes: list[tuple[int, ...]] = []
    hook = model.unet().register_forward_pre_hook(lambda module, given: sizes.append(tuple(given[0].shape)))
    whole = denoise(request, model)
    monkeypatch.setattr(attention, "CHUNK_QUERIES", 5)
    pieces = denoise(replace(request, sliced=True), model)
    hook.remove()
    assert {size[0] for size in sizes[:4]} == {4}
    assert {size[0] for size in sizes[4:]} == {1}
    assert len(sizes) == 4 + 4 * 4
    assert torch.allclose(whole, pieces, atol=1e-4)


def test_denoising_that_runs_out_of_memory_succeeds_in_slices(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("sd1")
    request = request_for(model)

    def small_memory(module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if len(given[0]) > 1:
            torch.empty(2**50)  # the error raised by torch's CPU allocator

    hook = model.unet().register_forward_pre_hook(small_memory)
    with pytest.raises(OutOfMemory):
        denoise(request, model)
    assert denoise(replace(request, sliced=True), model).isfinite().all()
    hook.remove()


@pytest.mark.parametrize(("small", "fewest", "most"), [(0, 20, 200), (2**40, 1, 1)])
def test_a_large_model_checks_between_its_blocks_whether_it_is_cancelled(
    small: int, fewest: int, most: int, model_of: ModelOf, request_for: RequestFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SMALL_MODEL_BYTES", small)
    model = model_of("sd1")
    asked: list[bool] = []

    def cancelled() -> bool:
        asked.append(len(asked) + 1 == last)
        return asked[-1]

    last = 0
    denoise(replace(request_for(model), steps=1), model, cancelled=cancelled)
    assert fewest <= len(asked) <= most
    asked, last = [], len(asked) // 2 + 1
    with pytest.raises(Cancelled):
        denoise(replace(request_for(model), steps=1), model, cancelled=cancelled)
    assert len(asked) == last


def test_cancelling_stops_the_loop_before_the_next_step(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("sd1")
    seen: list[Step] = []
    with pytest.raises(Cancelled):
        denoise(request_for(model), model, on_step=seen.append, cancelled=lambda: len(seen) == 2)
    assert len(seen) == 2
    with pytest.raises(Cancelled):
        denoise(request_for(model, scheduler="heun"), model, on_step=seen.append, cancelled=lambda: True)
    assert len(seen) == 2


@pytest.mark.parametrize("scheduler", ["euler", "euler_a", "ddpm", "dpmpp_2m_sde", "dpmpp_sde", "lcm"])
def test_each_image_in_a_batch_depends_only_on_its_seed(
    model_of: ModelOf, scheduler: str, request_for: RequestFor
) -> None:
    model = model_of("sd1")
    together = denoise(request_for(model, (1, 2, 3), scheduler), model)
    for place, seed in enumerate((1, 2, 3)):
        alone = denoise(request_for(model, (seed,), scheduler), model)
        # The noise is the same to the last bit; sums over a batch may be added in a different order.
        assert torch.allclose(together[place : place + 1], alone, atol=1e-4)


def test_the_same_inputs_return_the_same_latents(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("sd1")
    first, second = (denoise(request_for(model, scheduler="euler_a"), model) for _ in range(2))
    assert torch.equal(first, second)


def test_the_image_is_unchanged_where_the_mask_is_black(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("sd1")
    image = make_noise([8], 4, 64, 64, 8)
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1
    made = denoise(replace(request_for(model), latents=image, mask=mask), model)
    assert torch.equal(made[..., 4:], image[..., 4:])
    assert not torch.allclose(made[..., :4], image[..., :4], atol=0.1)


def test_repeating_a_full_chunk_of_a_prompt_does_not_change_the_latents(
    model_of: ModelOf, request_for: RequestFor
) -> None:
    """Attending to every key twice is the same as attending to it once, because softmax normalizes the weights."""
    model = model_of("sd1")
    tokenizer = model.text().tokenizer
    fox = len(tokenizer.tokens("fox"))
    room = tokenizer.limit - len(tokenizer.prefix) - len(tokenizer.suffix)
    assert room % fox == 0

    def made(prompt: str) -> torch.Tensor:
        return denoise(replace(request_for(model), conditioning=encode(prompt, "", model)), model)

    once, twice = "fox " * (room // fox), "fox " * (2 * room // fox)
    assert [len(chunks(text, tokenizer)) for text in (once, twice, f"{once} cat")] == [1, 2, 2]
    assert torch.allclose(made(twice), made(once), atol=1e-4)
    assert not torch.allclose(made(f"{once} cat"), made(once), atol=1e-2)


def test_bf16_on_the_cpu_is_close_to_fp32(model_of: ModelOf, request_for: RequestFor) -> None:
    half, full = model_of("sd1", "bf16"), model_of("sd1")
    rough, exact = denoise(request_for(half), half), denoise(request_for(full), full)
    assert next(half.unet().parameters()).dtype == torch.bfloat16
    assert rough.dtype == torch.float32
    # bf16 has 8 significant bits: an error of about 1 % for latents near 1, after a few steps.
    assert (rough - exact).abs().mean() < 0.05 * exact.abs().mean()


def test_an_inpainting_model_requires_a_mask(model_of: ModelOf, request_for: RequestFor) -> None:
    model = model_of("inpaint")
    with pytest.raises(BadSetting, match="mask must be passed, together with masked_latents, to an inpainting model"):
        denoise(request_for(model), model)

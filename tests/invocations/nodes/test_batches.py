"""`denoise` nodes that run at once: each has its own progress, facts and latents."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from invocations.errors import Cancelled, InvocationError
from invocations.nodes.fitting import Encode
from invocations.nodes.generation import Decode, Denoise, Noise, Prompt
from invocations.services.generation.base import GenerationService, StepCallbacks
from invocations.services.generation.local import LocalGeneration
from invocations.values import LatentsRef, ModelRef

TOLERANCE = 1e-3
"""The largest difference between latents; a batch may add numbers in a different order."""
TEXTS = ("a red fox", "a (blue)1.3 boat", "a tree")


@pytest.fixture
def contexts(context: Any) -> list[Any]:
    """Return three contexts with the same services."""
    made = [copy(context) for _ in TEXTS]
    for each in made:
        each.facts, each.steps, each.messages = {}, [], []
    return made


def nodes(context: Any, model: ModelRef, **inputs: Any) -> list[Denoise]:
    """Return nodes with different seeds and prompts."""
    context = copy(context)
    context.facts = {}
    return [
        Denoise(
            model=model,
            noise=Noise(model=model, seed=seed, width=32, height=32).invoke(context).noise,
            conditioning=Prompt(model=model, text=text, negative="blur").invoke(context).conditioning,
            **{"steps": 4, "scheduler": "euler_a", **inputs},
        )
        for seed, text in enumerate(TEXTS)
    ]


def difference(context: Any, one: LatentsRef, other: LatentsRef) -> float:
    found = [context.tensors.get(ref.name)["latents"] for ref in (one, other)]
    return float((found[0] - found[1]).abs().max())


def assert_as_alone(contexts: list[Any], given: list[Denoise]) -> None:
    """Check that nodes at once return what each of them returns alone, with the same facts and steps."""
    for each in contexts:
        each.facts, each.steps = {}, []
    together = Denoise.invoke_many([*zip(given, contexts, strict=True)])
    for node, own, made in zip(given, contexts, together, strict=True):
        alone = copy(own)
        alone.facts, alone.steps = {}, []
        expected = node.invoke(alone).latents
        assert difference(own, made.latents, expected) < TOLERANCE
        assert (made.latents.seed, made.latents.denoised_to) == (expected.seed, expected.denoised_to)
        assert (own.facts, own.steps) == (alone.facts, alone.steps)
    assert len({made.latents.name for made in together}) == len(given)


@pytest.mark.parametrize("inputs", [{}, {"end": 0.6}, {"guidance": 1.0, "scheduler": "ddim", "eta": 1.0}], ids=str)
def test_nodes_at_once_return_what_each_returns_alone(contexts: list[Any], inputs: dict[str, Any]) -> None:
    assert_as_alone(contexts, nodes(contexts[0], contexts[0].models.find("default"), **inputs))


def test_nodes_at_once_start_from_their_own_images(contexts: list[Any]) -> None:
    context, model = contexts[0], contexts[0].models.find("default")
    colors = [context.images.put(Image.new("RGB", (32, 32), color)) for color in ("red", "blue", "white")]
    latents = [Encode(model=model, image=each).invoke(context).latents for each in colors]
    mask = context.images.put_mask(Image.linear_gradient("L").resize((32, 32)))
    for more in ({}, {"mask": mask}):
        given = nodes(context, model, strength=0.6, **more)
        assert_as_alone(
            contexts, [node.model_copy(update={"latents": own}) for node, own in zip(given, latents, strict=True)]
        )


def test_a_refiner_runs_the_last_steps_of_all_nodes(contexts: list[Any], tiny_model: Callable[[str], Path]) -> None:
    base, refiner = (contexts[0].models.find(str(tiny_model(recipe))) for recipe in ("sdxl", "sdxl-refiner"))
    assert_as_alone(contexts, nodes(contexts[0], base, refiner=refiner, refiner_start=0.6))
    assert contexts[1].facts["refiner"] == "sdxl-refiner"
    assert contexts[1].steps == [(step, 4) for step in range(1, 5)]


def test_the_unet_is_evaluated_once_per_step_for_all_nodes(
    contexts: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.denoising import loop

    sizes: list[int] = []
    denoise = loop.denoise
    monkeypatch.setattr(
        loop, "denoise", lambda inputs, *a, **b: (sizes.append(len(inputs.noise)), denoise(inputs, *a, **b))[1]
    )
    given = nodes(contexts[0], contexts[0].models.find("default"))
    Denoise.invoke_many([*zip(given, contexts, strict=True)])
    assert sizes == [3]


def test_each_node_receives_the_previews_of_its_own_image(contexts: list[Any]) -> None:
    context = contexts[0]
    service = LocalGeneration(context.images, context.tensors, context.models, device="cpu", preview_every=2)
    requests = [node.request(context) for node in nodes(context, context.models.find("default"))]
    seen: list[list[Any]] = [[] for _ in requests]
    watches = [StepCallbacks(lambda step, of, preview, own=own: own.append(preview), lambda: False) for own in seen]
    service.denoise_many(requests, watches)
    shown = [np.asarray(own[1], dtype=int) for own in seen]
    assert [[preview is not None for preview in own] for own in seen] == [[False, True, False, False]] * 3
    alone: list[Any] = []
    service.denoise(requests[2], StepCallbacks(lambda step, of, preview: alone.append(preview), lambda: False))
    assert np.abs(shown[2] - np.asarray(alone[1], dtype=int)).max() <= 1
    assert np.abs(shown[2] - shown[0]).max() > 1


def test_one_node_that_is_cancelled_ends_the_batch(contexts: list[Any]) -> None:
    given = nodes(contexts[0], contexts[0].models.find("default"))
    contexts[1].cancelled = lambda: len(contexts[1].steps) == 2
    with pytest.raises(Cancelled):
        Denoise.invoke_many([*zip(given, contexts, strict=True)])
    assert [len(each.steps) for each in contexts] == [2, 2, 2]


def test_one_node_that_is_refused_ends_the_batch(contexts: list[Any]) -> None:
    first, second, third = nodes(contexts[0], contexts[0].models.find("default"))
    large = Noise(model=first.model, seed=1, width=64, height=64).invoke(contexts[0]).noise
    latents = Encode(model=first.model, image=contexts[0].images.put(Image.new("RGB", (32, 32)))).invoke(contexts[0])
    bad = second.model_copy(update={"noise": large, "latents": latents.latents})
    with pytest.raises(InvocationError, match="the latents are 32x32 pixels, but the noise is 64x64"):
        Denoise.invoke_many([*zip((first, bad, third), contexts, strict=True)])


def test_a_service_without_batches_runs_the_requests_one_after_the_other(contexts: list[Any]) -> None:
    context = contexts[0]
    requests = [node.request(context) for node in nodes(context, context.models.find("default"))]
    silent = [StepCallbacks(lambda step, of, preview: None, lambda: False)] * 3
    made = GenerationService.denoise_many(context.generation, requests, silent)
    assert made == tuple(context.generation.denoise(request, silent[0]) for request in requests)


def test_images_of_a_batch_differ_from_those_made_one_by_one_by_rounding_only(contexts: list[Any]) -> None:
    """The tolerance that `help reproducibility` states: pixel values differ by at most 1."""
    context, model = contexts[0], contexts[0].models.find("default")
    given = nodes(context, model, steps=12)
    together = Denoise.invoke_many([*zip(given, contexts, strict=True)])
    for node, own, made in zip(given, contexts, together, strict=True):
        pixels = [
            np.asarray(own.images.get(Decode(model=model, latents=latents).invoke(own).image), dtype=int)
            for latents in (made.latents, node.invoke(own).latents)
        ]
        assert np.abs(pixels[0] - pixels[1]).max() <= 1

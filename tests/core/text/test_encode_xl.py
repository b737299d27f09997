"""Encoding prompts with two text encoders, and with pooled states."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.errors import BadSetting
from core.models.components import LoadedModel
from core.text.conditioning import Conditioning
from core.text.encode import encode
from core.text.encoder import TextStates

ModelOf = Callable[..., LoadedModel]


def pooled_of(states: TextStates) -> torch.Tensor:
    assert states.pooled is not None
    return states.pooled


def test_the_hidden_states_of_both_encoders_are_joined_token_by_token(model_of: ModelOf) -> None:
    made = encode("a red fox", "cat", model_of("sdxl"))
    assert made.positive.hidden.shape == made.negative.hidden.shape == (1, 77, 32 + 64)
    assert pooled_of(made.positive).shape == pooled_of(made.negative).shape == (1, 48)
    assert encode("a red fox", "cat", model_of("sdxl-refiner")).positive.hidden.shape == (1, 77, 64)
    assert encode("a red fox", "cat", model_of("sd1")).positive.pooled is None


def test_the_pooled_state_of_a_long_prompt_is_that_of_its_first_chunk(model_of: ModelOf) -> None:
    model = model_of("sdxl")
    long, first = encode("fox " * 100, "cat", model), encode("fox " * 75, "cat", model)
    assert long.positive.hidden.shape == long.negative.hidden.shape == (1, 2 * 77, 96)
    assert torch.equal(long.positive.hidden[:, :77], first.positive.hidden)
    assert torch.equal(pooled_of(long.positive), pooled_of(first.positive))
    assert torch.equal(pooled_of(long.negative), pooled_of(first.negative))


def test_weights_change_hidden_states_around_the_empty_prompt_but_not_the_pooled_state(model_of: ModelOf) -> None:
    model = model_of("sdxl")
    plain, made = encode("a red fox", "cat", model), encode("a (red)1.5 fox", "(cat)0", model)
    empty = encode("", "x", model).positive.hidden
    expected = empty[:, 2] + 1.5 * (plain.positive.hidden[:, 2] - empty[:, 2])
    assert torch.allclose(made.positive.hidden[:, 2], expected, atol=1e-5)
    assert torch.equal(made.negative.hidden[:, 1], empty[:, 1])
    assert torch.equal(pooled_of(made.positive), pooled_of(plain.positive))
    assert torch.equal(pooled_of(made.negative), pooled_of(plain.negative))


@pytest.mark.parametrize("negative", ["", " ", "\t"])
def test_an_empty_negative_prompt_is_encoded_as_zeros_only_if_the_model_says_so(
    model_of: ModelOf, negative: str
) -> None:
    base, refiner = (encode("fox " * 100, negative, model_of(recipe)) for recipe in ("sdxl", "sdxl-refiner"))
    assert base.negative.hidden.shape == base.positive.hidden.shape
    assert not base.negative.hidden.any()
    assert not pooled_of(base.negative).any()
    assert torch.equal(pooled_of(refiner.negative), pooled_of(encode("", "cat", model_of("sdxl-refiner")).positive))


def test_skipped_layers_are_limited_by_the_encoder_with_fewer_layers(model_of: ModelOf) -> None:
    model = model_of("sdxl")
    assert model.card.text_layers == 2
    encode("a", "b", model, clip_skip=1)
    with pytest.raises(BadSetting, match="clip_skip must be 0 to 1 for this model, not 2"):
        encode("a", "b", model, clip_skip=2)


def test_each_encoder_is_loaded_once_and_on_its_own(model_of: ModelOf) -> None:
    model = model_of("sdxl")
    first, second = model.texts()
    held = [part for place, part in model.memory.held() if place.startswith(str(model.card.path))]
    assert {"text_encoder", "text_encoder_2"} <= set(held)
    assert model.text() is first
    assert model.text("text_encoder_2") is second


@pytest.mark.parametrize("recipe", ["sd1", "sdxl"])
def test_stored_tensors_are_read_back(model_of: ModelOf, recipe: str) -> None:
    both = encode("a fox", "cat", model_of(recipe))
    tensors = both.tensors()
    read = Conditioning.of(tensors)
    assert list(tensors)[:2] == ["positive", "negative"]  # the names in version 0.1.0, which had no others
    assert (len(tensors), read.positive.pooled is None) == ((2, True) if recipe == "sd1" else (4, False))
    assert read.positive.hidden is both.positive.hidden
    assert read.negative.pooled is both.negative.pooled

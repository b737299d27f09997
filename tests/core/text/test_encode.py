"""Encoding prompts to hidden states."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from core.errors import BadSetting
from core.models.components import LoadedModel
from core.text.encode import chunks, encode, weighted

ModelOf = Callable[..., LoadedModel]


def test_a_long_prompt_and_its_negative_prompt_take_the_same_number_of_chunks(model_of: ModelOf) -> None:
    model = model_of("sd1")
    both = encode("fox " * 100, "cat", model)
    assert both.positive.hidden.shape == both.negative.hidden.shape == (1, 2 * 77, 32)
    first = encode("fox " * 75, "cat", model)
    assert first.positive.hidden.shape == (1, 77, 32)
    assert torch.equal(both.positive.hidden[:, :77], first.positive.hidden)
    assert torch.equal(both.negative.hidden[:, :77], first.negative.hidden)
    assert torch.equal(both.negative.hidden[:, 77:], encode("", "", model).negative.hidden)


def test_no_word_is_lost_between_chunks(model_of: ModelOf) -> None:
    tokenizer = model_of("sd1").text().tokenizer
    words = " ".join(f"word{number}" for number in range(60))
    special = {*tokenizer.prefix, *tokenizer.suffix}
    cut = [token for chunk in chunks(words, tokenizer) for token in chunk.tokens if token not in special]
    assert cut == tokenizer.tokens(words)
    assert all(len(chunk.tokens) == len(chunk.weights) == 77 for chunk in chunks(words, tokenizer))


@pytest.mark.parametrize("prompt", ["(a red fox)1.0", "(a)1 (red)1.0 fox", "a (red fox)1"])
def test_a_weight_of_one_leaves_every_bit_of_the_hidden_states_unchanged(model_of: ModelOf, prompt: str) -> None:
    model = model_of("sd1")
    assert torch.equal(encode(prompt, "", model).positive.hidden, encode("a red fox", "", model).positive.hidden)


EMPTY = torch.tensor([[[0.5, -1.0], [0.25, 4.0], [-2.0, 0.0]]])


STATES = {
    "mean exactly 0": torch.tensor([[[1.0, -1.0], [3.0, -3.0], [2.0, -2.0]]]),
    "mean of weighted exactly 0": torch.tensor([[[3.0, 0.0], [-1.0, -1.0], [0.0, 0.0]]]),
    "tiny": torch.full((1, 3, 2), 1e-30),
    "negative": torch.tensor([[[-1.0, -2.0], [-3.0, -0.5], [-0.25, -8.0]]]),
    "all 0": torch.zeros(1, 3, 2),
}


@pytest.mark.parametrize("states", STATES.values(), ids=STATES)
@pytest.mark.parametrize("weight", [0.0, 0.6, 1.5, 10.0])
def test_a_weight_scales_the_difference_from_the_empty_prompt(states: torch.Tensor, weight: float) -> None:
    made = weighted(states, EMPTY, (1.0, weight, 1.0))
    expected = EMPTY[:, 1].double() + weight * (states[:, 1].double() - EMPTY[:, 1].double())
    assert made.isfinite().all()
    assert torch.allclose(made[:, 1].double(), expected, rtol=1e-6, atol=1e-6)  # the core computes in float32
    assert torch.equal(made[:, ::2], states[:, ::2])  # the neighboring tokens have the weight 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
@pytest.mark.parametrize("states", STATES.values(), ids=STATES)
def test_a_weight_of_0_returns_the_hidden_states_of_the_empty_prompt_and_a_weight_of_1_changes_nothing(
    states: torch.Tensor, dtype: torch.dtype
) -> None:
    states, empty = states.to(dtype), EMPTY.to(dtype)
    assert torch.equal(weighted(states, empty, (0.0,) * 3), empty)
    assert torch.equal(weighted(states, empty, (1.0,) * 3), states)
    assert weighted(states, empty, (1.5,) * 3).dtype == dtype


@pytest.mark.parametrize("skip", [0, 1])
def test_a_weight_scales_the_difference_from_the_empty_prompt_encoded_with_the_same_clip_skip(
    model_of: ModelOf, skip: int
) -> None:
    model = model_of("sd1")
    plain, empty = encode("a red fox", "", model, skip).positive.hidden, encode("", "", model, skip).positive.hidden
    made = encode("a (red)1.5 fox", "", model, skip).positive.hidden
    assert torch.allclose(made[:, 2], empty[:, 2] + 1.5 * (plain[:, 2] - empty[:, 2]), atol=1e-5)
    others = [place for place in range(77) if place != 2]  # the start token and `a` come before `red`
    assert torch.equal(made[:, others], plain[:, others])


def test_a_weight_changes_only_its_own_chunk_and_prompt(model_of: ModelOf) -> None:
    model = model_of("sd1")
    long = "fox " * 80
    plain, made = encode(long, "a cat", model), encode(f"{long}(red)0", "a (cat)2", model)
    empty = encode("", "", model).positive.hidden
    assert torch.equal(made.positive.hidden[:, :77], plain.positive.hidden[:, :77])
    assert torch.equal(
        made.positive.hidden[:, 77 + 6], empty[:, 6]
    )  # the second chunk begins with the last five words `fox`
    assert torch.allclose(
        made.negative.hidden[:, 2], empty[:, 2] + 2 * (plain.negative.hidden[:, 2] - empty[:, 2]), atol=1e-5
    )
    assert torch.equal(made.negative.hidden[:, 77:], empty)


@pytest.mark.parametrize(
    ("prompt", "negative", "count"),
    [
        ("a fox", "a cat", 2),
        ("a (fox)2", "a cat", 3),
        ("a (fox)2", "", 2),
        ("(fox)2 " * 100, "a (cat)2", 4),
    ],
)
def test_the_empty_prompt_is_encoded_once_and_only_if_needed(
    model_of: ModelOf, prompt: str, negative: str, count: int
) -> None:
    model = model_of("sd1")
    calls: list[Any] = []
    hook = model.text().encoder.register_forward_pre_hook(lambda _, given: calls.append(given))
    encode(prompt, negative, model)
    hook.remove()
    assert len(calls) == count


@pytest.mark.parametrize("skip", [-1, 3])
def test_more_layers_than_the_encoder_has_cannot_be_skipped(model_of: ModelOf, skip: int) -> None:
    with pytest.raises(BadSetting, match=f"clip_skip must be 0 to 2 for this model, not {skip}"):
        encode("a", "", model_of("sd1"), clip_skip=skip)


def test_break_in_a1111_syntax_begins_a_new_chunk(model_of: ModelOf) -> None:
    tokenizer = model_of("sd1").text().tokenizer
    both = [*chunks("a (red:1.3) fox", tokenizer), *chunks("snow", tokenizer)]
    assert chunks("a (red:1.3) fox BREAK snow", tokenizer, "a1111") == both
    assert len(chunks("a fox BREAK snow", tokenizer)) == 1


def test_the_same_weights_written_in_either_prompt_syntax_return_the_same_hidden_states(model_of: ModelOf) -> None:
    model = model_of("sd1")
    ours = encode("(red)1.21 fox", r"\(tree\)", model)
    theirs = encode("((red)) fox", r"\(tree\)", model, syntax="a1111")
    assert torch.equal(ours.positive.hidden, theirs.positive.hidden)
    assert torch.equal(ours.negative.hidden, theirs.negative.hidden)

"""Our CLIP text encoder compared with that of transformers: the same hidden and pooled states, to the last bit."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from core.models.layouts.diffusers import clip_names
from core.text.clip import ClipConfig, ClipText

pytestmark = pytest.mark.usefixtures("one_thread")

START, END, PAD, LAYERS = 97, 98, 0, 4
TEXTS = torch.tensor(
    [
        [START, 5, 60, 7, END, PAD, PAD, PAD],
        [START, 5, 60, 7, END, END, END, END],  # the end token is also the padding
        [START, END, PAD, PAD, PAD, PAD, PAD, PAD],
        [START, 1, 2, 3, 4, 5, 6, END],
    ]
)


def encoders(*, projected: bool, end: int, activation: str = "gelu") -> tuple[Any, ClipText]:
    """Return an encoder of transformers with random weights, and ours with the same weights."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(0)
    config = CLIPTextConfig(
        vocab_size=99, hidden_size=32, intermediate_size=64, num_hidden_layers=LAYERS, num_attention_heads=4,
        max_position_embeddings=8, projection_dim=24, hidden_act=activation, bos_token_id=START, eos_token_id=end,
    )  # fmt: skip
    theirs = (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()
    ours = ClipText(ClipConfig.from_json(config.to_dict()), projected=projected).eval()
    weights = theirs.state_dict()
    ours.load_state_dict({name: weights[take.name] for name, take in clip_names(list(weights)).items()})
    return theirs, ours


@pytest.mark.parametrize("end", [END, 2], ids=["end token", "old end token"])
@pytest.mark.parametrize("skip", [1, 2, LAYERS])
@torch.inference_mode()
def test_hidden_and_pooled_states_equal_those_of_the_model_with_projection(end: int, skip: int) -> None:
    theirs, ours = encoders(projected=True, end=end)
    expected, made = theirs(TEXTS, output_hidden_states=True), ours(TEXTS, skip, pooled=True)
    assert torch.equal(made.hidden, expected.hidden_states[-1 - skip])
    assert made.pooled is not None
    assert torch.equal(made.pooled, expected.text_embeds)
    assert len({tuple(row.tolist()) for row in made.pooled}) == len(TEXTS) - 1  # only the second text equals the first


@pytest.mark.parametrize("activation", ["gelu", "quick_gelu"])
@torch.inference_mode()
def test_states_of_a_model_without_projection_are_normalized_only_if_no_pooled_state_is_wanted(activation: str) -> None:
    theirs, ours = encoders(projected=False, end=END, activation=activation)
    expected = theirs(TEXTS, output_hidden_states=True)
    assert torch.equal(ours(TEXTS).hidden, expected.last_hidden_state)
    second_last = ours(TEXTS, 1, pooled=True)
    assert torch.equal(second_last.hidden, expected.hidden_states[-2])
    assert second_last.pooled is None

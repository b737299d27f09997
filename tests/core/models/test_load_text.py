"""Loading tokenizers and text encoders, our own and those of transformers."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
import torch

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.devices import Device
from core.errors import ModelBroken, ModelUnsupported, PickleRefused
from core.latents.decode import decode
from core.latents.noise import make_noise
from core.models.components import LoadedModel
from core.models.load_text import load_text
from core.models.probe import probe
from core.text.clip import ClipText
from core.text.encode import encode
from core.text.transformers_encoder import TransformersEncoder

pytestmark = pytest.mark.usefixtures("one_thread")

CPU = Device("cpu")
PROMPT = "a red fox in the snow"
OTHER = ("bert", "t5", "masked-bert")


def reference(folder: Path, prompt: str, skip: int = 0) -> torch.Tensor:
    """Return the hidden states as transformers computes them for diffusers' pipelines."""
    import transformers

    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")
        name = json.loads((folder / "text_encoder/config.json").read_text())["architectures"][0]
        encoder = getattr(transformers, name).from_pretrained(folder / "text_encoder").eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "tokenizer")
        inputs = tokenizer(prompt, padding="max_length", truncation=True, return_tensors="pt")
        mask = inputs.attention_mask if getattr(encoder.config, "use_attention_mask", False) else None
        states = encoder(inputs.input_ids, attention_mask=mask, output_hidden_states=True).hidden_states[-1 - skip]
        return cast(torch.Tensor, encoder.encoder.final_layer_norm(states) if skip and "T5" in name else states)


def test_an_unreadable_tokenizer_is_refused(model: Path) -> None:
    (model / "tokenizer/merges.txt").write_text("one two three\n")
    with pytest.raises(ModelBroken, match="its tokenizer cannot be read"):
        load_text(probe(model), CPU)


def test_a_tokenizer_with_more_tokens_than_the_encoder_is_refused(model: Path) -> None:
    words = json.loads((model / "tokenizer/vocab.json").read_text())
    (model / "tokenizer/vocab.json").write_text(json.dumps({**words, "one-too-many": len(words)}))
    with pytest.raises(
        ModelBroken, match=f"its tokenizer has {len(words) + 1} tokens, but its text encoder has {len(words)}"
    ):
        load_text(probe(model), CPU)


@pytest.mark.parametrize("kind", OTHER)
@pytest.mark.parametrize("skip", [0, 1])
def test_a_text_encoder_other_than_clip_returns_the_same_hidden_states_as_transformers(
    other_model: Callable[[str], Path], kind: str, skip: int
) -> None:
    folder = other_model(kind)
    both = encode(PROMPT, "cat", LoadedModel(probe(folder), CPU), clip_skip=skip)
    assert torch.equal(both.positive.hidden, reference(folder, PROMPT, skip))
    assert torch.equal(both.negative.hidden, reference(folder, "cat", skip))


@pytest.mark.parametrize("kind", OTHER)
def test_a_text_encoder_other_than_clip_can_guide_image_generation(
    other_model: Callable[[str], Path], kind: str
) -> None:
    model = LoadedModel(probe(other_model(kind)), CPU)
    noise = make_noise([7], 4, 64, 64, model.card.vae_scale_factor)
    images = [
        decode(denoise(DenoiseInputs(noise, encode(prompt, "", model), (7,), 2, 5.0, "ddim"), model), model)[0]
        for prompt in (PROMPT, "cat " * 40)  # the prompt is longer than one chunk
    ]
    assert images[0].size == (64, 64)
    assert images[0].tobytes() != images[1].tobytes()


def test_our_own_clip_encoder_is_used_only_if_it_supports_the_activation(model_folder: Callable[[str], Path]) -> None:
    kinds = {name: type(load_text(probe(model_folder(name)), CPU).encoder) for name in ("sd1", "other-activation")}
    assert kinds == {"sd1": ClipText, "other-activation": TransformersEncoder}


def test_the_encoder_has_the_requested_precision_and_no_gradients(other_model: Callable[[str], Path]) -> None:
    encoder = load_text(probe(other_model("bert")), Device("cpu", 0, "bf16")).encoder
    assert isinstance(encoder, TransformersEncoder)
    assert not encoder.training
    assert {(weight.dtype, weight.requires_grad) for weight in encoder.parameters()} == {(torch.bfloat16, False)}


def _edit(folder: Path, file: str, **changes: object) -> None:
    path = folder / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        (
            {"architectures": ["RobertaSeriesModel"]},
            ModelUnsupported,
            "its text encoder is a RobertaSeriesModel, which transformers does not have",
        ),
        ({"architectures": ["pipeline"]}, ModelUnsupported, "is a pipeline, which transformers does not have"),
        ({"quantization_config": {"quant_method": "x"}}, ModelUnsupported, "its text encoder is quantized"),
        ({"intermediate_size": 65}, ModelBroken, "its weights do not have the shapes in its config.json"),
        ({"num_hidden_layers": 4}, ModelBroken, "missing weights: encoder.layer.3"),
        ({"num_attention_heads": 5}, ModelBroken, "its config.json does not describe a BertModel"),
    ],
)
def test_an_encoder_that_transformers_cannot_load_is_refused(
    other_model: Callable[[str], Path], changes: dict[str, object], error: type[Exception], words: str
) -> None:
    folder = other_model("bert")
    _edit(folder, "text_encoder/config.json", **changes)
    with pytest.raises(error) as caught:
        load_text(probe(folder), CPU)
    assert words in str(caught.value)


def test_hidden_states_that_the_unet_cannot_accept_are_refused(other_model: Callable[[str], Path]) -> None:
    folder = other_model("t5")
    _edit(folder, "unet/config.json", cross_attention_dim=48)
    with pytest.raises(ModelBroken, match="do not fit together: the text width is 32 in one and 48 in another"):
        probe(folder)
    config = json.loads((folder / "text_encoder/config.json").read_text())
    config["hidden_size_of_the_encoder"] = config.pop("d_model")  # only transformers can read this tokenizer
    (folder / "text_encoder/config.json").write_text(json.dumps(config))
    card = probe(folder)
    _edit(folder, "text_encoder/config.json", d_model=32)
    with pytest.raises(ModelBroken, match="its text width is 32, but its UNet takes 48"):
        load_text(card, CPU)


def test_a_pickled_encoder_is_refused(other_model: Callable[[str], Path]) -> None:
    folder = other_model("bert")
    (folder / "text_encoder/model.safetensors").rename(folder / "text_encoder/pytorch_model.bin")
    with pytest.raises(PickleRefused):
        probe(folder)


def test_a_tokenizer_with_custom_code_is_refused(other_model: Callable[[str], Path]) -> None:
    folder = other_model("bert")
    (folder / "tokenizer/evil.py").write_text("raise SystemExit('it ran')")
    _edit(
        folder,
        "tokenizer/tokenizer_config.json",
        tokenizer_class="Evil",
        auto_map={"AutoTokenizer": ["evil.Evil", None]},
    )
    with pytest.raises(ModelBroken, match="its tokenizer cannot be read"):
        load_text(probe(folder), CPU)

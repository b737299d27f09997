"""Model cards of Stable Diffusion XL folders."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.devices import Device
from core.errors import ModelBroken, ModelUnsupported
from core.models.components import LoadedModel
from core.models.load import load_vae
from core.models.load_text import load_text
from core.models.need import part_needs
from core.models.probe import probe
from core.text.encode import encode
from core.text.transformers_encoder import TransformersEncoder


@pytest.fixture
def folder(model_folder: Callable[[str], Path], tmp_path: Path) -> Path:
    """Return a copy of the base model, which a test may change."""
    return Path(shutil.copytree(model_folder("sdxl"), tmp_path / "xl"))


def edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_the_base_model_and_the_refiner_are_told_apart_by_their_encoders(model_folder: Callable[[str], Path]) -> None:
    base, refiner = (probe(model_folder(recipe)) for recipe in ("sdxl", "sdxl-refiner"))
    assert (base.family, base.encoders, base.time_ids) == ("sdxl", ("text_encoder", "text_encoder_2"), 6)
    assert (refiner.family, refiner.encoders, refiner.time_ids) == ("sdxl-refiner", ("text_encoder_2",), 5)
    assert (base.steps, base.guidance, base.scheduler, base.width, base.height) == (30, 5.0, "euler", 64, 64)
    assert {"tokenizer", "tokenizer_2"} <= base.parts.keys()
    assert "tokenizer" not in refiner.parts


@pytest.mark.parametrize("name", ["StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"])
def test_a_base_model_saved_by_another_pipeline_is_a_base_model(folder: Path, name: str) -> None:
    edit(folder / "model_index.json", _class_name=name)
    assert probe(folder).family == "sdxl"


def test_an_empty_negative_prompt_is_zeros_unless_the_folder_denies_it(
    folder: Path, model_folder: Callable[[str], Path]
) -> None:
    assert probe(folder).zeros_for_empty
    edit(folder / "model_index.json", force_zeros_for_empty_prompt=False)
    assert not probe(folder).zeros_for_empty
    assert not probe(model_folder("sdxl-refiner")).zeros_for_empty
    assert not probe(model_folder("sd1")).zeros_for_empty


REFUSED = [
    ("unet/config.json", {"cross_attention_dim": 64}, "the text width is 96 in one and 64 in another"),
    ("unet/config.json", {"projection_class_embeddings_input_dim": 90}, "takes 90 values besides the prompt"),
    ("unet/config.json", {"addition_time_embed_dim": 0}, "its settings are invalid"),
    ("text_encoder_2/config.json", {"architectures": ["CLIPTextModel"]}, "its text encoder has no text projection"),
    ("text_encoder_2/config.json", {"hidden_size": 48}, "the text width is 80 in one and 96 in another"),
]


@pytest.mark.parametrize(("file", "changes", "words"), REFUSED, ids=[words for *_, words in REFUSED])
def test_parts_that_do_not_fit_together_are_refused(
    folder: Path, file: str, changes: dict[str, object], words: str
) -> None:
    edit(folder / file, **changes)
    with pytest.raises(ModelBroken) as caught:
        probe(folder)
    assert words in str(caught.value)


def test_a_missing_second_tokenizer_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "tokenizer_2")
    with pytest.raises(ModelBroken, match=r"its tokenizer_2 is missing: tokenizer.json, or vocab.json and merges.txt"):
        probe(folder)


def test_other_conditions_of_the_unet_are_refused(folder: Path) -> None:
    edit(folder / "unet/config.json", addition_embed_type="text_image")
    with pytest.raises(ModelUnsupported, match="its UNet uses addition_embed_type"):
        probe(folder)


@pytest.mark.parametrize(("upcast", "dtype"), [(None, torch.float32), (True, torch.float32), (False, torch.float16)])
def test_in_fp16_the_vae_is_loaded_in_fp32_unless_its_settings_say_that_it_does_not_overflow(
    folder: Path, upcast: bool | None, dtype: torch.dtype
) -> None:
    config = json.loads((folder / "vae/config.json").read_text())
    config.pop("force_upcast", None)
    (folder / "vae/config.json").write_text(
        json.dumps(config if upcast is None else {**config, "force_upcast": upcast})
    )
    card, device = probe(folder), Device("cpu", 0, "fp16")
    assert load_vae(card, device).dtype == dtype
    bytes_each = 4 if dtype == torch.float32 else 2
    assert part_needs(card, device)["vae"].size_bytes == card.parts["vae"].size_bytes * bytes_each // 4


def test_in_fp16_the_vae_of_other_families_is_loaded_in_fp16(model_folder: Callable[[str], Path]) -> None:
    assert load_vae(probe(model_folder("sd1")), Device("cpu", 0, "fp16")).dtype == torch.float16


def test_text_encoders_that_take_different_numbers_of_tokens_are_refused(folder: Path) -> None:
    weights = load_file(folder / "text_encoder_2/model.safetensors")
    name = "text_model.embeddings.position_embedding.weight"
    save_file({**weights, name: weights[name][:50].clone()}, folder / "text_encoder_2/model.safetensors")
    edit(folder / "text_encoder_2/config.json", max_position_embeddings=50)
    with pytest.raises(ModelBroken, match="its text encoders take 50 and 77 tokens at once"):
        encode("a fox", "", LoadedModel(probe(folder), Device("cpu")))


@torch.inference_mode()
def test_an_encoder_with_an_activation_that_our_own_lacks_returns_the_states_of_transformers(folder: Path) -> None:
    from transformers import CLIPTextModelWithProjection

    edit(folder / "text_encoder_2/config.json", hidden_act="gelu_new")
    text = load_text(probe(folder), Device("cpu"), part="text_encoder_2")
    assert isinstance(text.encoder, TransformersEncoder)
    tokens = torch.tensor([[5, 6, 7, text.tokenizer.size - 1, 0, 0]])
    made = text.encoder(tokens, 1, pooled=True)
    expected = CLIPTextModelWithProjection.from_pretrained(folder / "text_encoder_2")(tokens, output_hidden_states=True)
    assert torch.equal(made.hidden, expected.hidden_states[-2])
    assert made.pooled is not None
    assert torch.equal(made.pooled, expected.text_embeds)

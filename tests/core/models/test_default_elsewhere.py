"""Other programs can use the shipped model: diffusers with transformers 5 runs it; transformers 4 knows the names."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.devices import Device
from core.latents.decode import decode
from core.latents.noise import make_noise
from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at
from core.models.components import LoadedModel
from core.models.fingerprint import fingerprint
from core.models.load_text import load_text
from core.models.memory import ModelMemory
from core.models.probe import probe
from core.text.encode import encode

LAYER = (
    "layer_norm1", "layer_norm2", "mlp.fc1", "mlp.fc2",
    "self_attn.k_proj", "self_attn.out_proj", "self_attn.q_proj", "self_attn.v_proj",
)  # fmt: skip
NAMES_IN_TRANSFORMERS_4 = {
    "text_model.embeddings.position_embedding.weight",
    "text_model.embeddings.token_embedding.weight",
    "text_model.final_layer_norm.bias",
    "text_model.final_layer_norm.weight",
    *(
        f"text_model.encoder.layers.{layer}.{name}.{kind}"
        for layer in (0, 1)
        for name in LAYER
        for kind in ("bias", "weight")
    ),
}  # transformers 4.57, models/clip/modeling_clip.py: CLIPTextModel with two layers
FINGERPRINT_IN_0_1_0 = "ca2fef00f0e9c972a633f0ca8df780986f698e8e376d76c7bddcd92ab021e308"
NOT_INSTALLED = ("accelerate", "torchvision")  # the libraries recommend these packages, whatever the model
CPU = Device("cpu", 0, "fp32")


@contextmanager
def logged_warnings() -> Iterator[list[str]]:
    """Collect the warnings that diffusers and transformers write to their logs, and those of Python."""
    found: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    libraries = [logging.getLogger(name) for name in ("diffusers", "transformers")]
    for library in libraries:
        library.addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as raised:
            warnings.simplefilter("always")
            yield found
            found += [str(each.message) for each in raised]
    finally:
        for library in libraries:
            library.removeHandler(handler)


def lines_of_card() -> str:
    """Return the Python code in the model card."""
    text = (DEFAULT_PATH / "MODEL_CARD.md").read_text(encoding="utf-8")
    return text.split("```python\n")[1].split("```")[0]


@pytest.mark.usefixtures("one_thread")
def test_the_lines_of_the_card_generate_the_image_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "core/models").mkdir(parents=True)
    (tmp_path / "core/models/default").symlink_to(DEFAULT_PATH)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    with logged_warnings() as found:
        exec(lines_of_card(), names)
    assert [text for text in found if not any(package in text for package in NOT_INSTALLED)] == []
    pipeline = names["pipeline"]
    assert {pipeline.unet.dtype, pipeline.vae.dtype, pipeline.text_encoder.dtype} == {torch.float32}
    pixels = np.asarray(names["image"])
    assert pixels.std() > 5  # a flat image would hide differences
    assert np.array_equal(pixels, our_pixels())


def our_pixels() -> Any:
    """Return the pixels (h, w, 3) that the core generates with the settings in the card."""
    card = card_at(DEFAULT_PATH)
    model = LoadedModel(card, CPU, ModelMemory())
    inputs = DenoiseInputs(
        noise=make_noise([7], card.latent_channels, card.height, card.width, card.vae_scale_factor),
        conditioning=encode("a red house", "", model),
        seeds=(7,),
        steps=card.steps,
        guidance=card.guidance,
        scheduler=card.scheduler,
        draws_before=1,
    )
    return np.asarray(decode(denoise(inputs, model), model)[0])


def test_the_text_encoder_has_the_names_that_transformers_4_expects() -> None:
    with safe_open(DEFAULT_PATH / "text_encoder/model.safetensors", framework="pt") as weights:
        assert set(weights.keys()) == NAMES_IN_TRANSFORMERS_4


def test_all_weight_files_have_one_type_and_the_text_encoder_is_loaded_in_the_type_of_the_unet() -> None:
    for path in DEFAULT_PATH.glob("*/*.safetensors"):
        assert {tensor.dtype for tensor in load_file(path).values()} == {torch.float16}
    assert json.loads((DEFAULT_PATH / "text_encoder/config.json").read_text())["dtype"] == "float32"


def test_the_text_encoder_computes_the_same_without_the_prefix(tmp_path: Path) -> None:
    card = card_at(DEFAULT_PATH)
    bare = tmp_path / "bare"
    for path in DEFAULT_PATH.rglob("*.*"):
        target = bare / path.relative_to(DEFAULT_PATH)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    weights = bare / "text_encoder/model.safetensors"
    save_file({name.removeprefix("text_model."): tensor for name, tensor in load_file(weights).items()}, weights)
    ours, others = (load_text(each, CPU).encoder.state_dict() for each in (card, probe(bare)))
    assert ours.keys() == others.keys()
    assert all(torch.equal(ours[name], others[name]) for name in ours)


def test_results_that_version_0_1_0_cached_are_valid_because_the_model_computes_the_same() -> None:
    assert fingerprint(card_at(DEFAULT_PATH)) == FINGERPRINT_IN_0_1_0


def test_a_changed_copy_of_the_shipped_model_has_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    for path in DEFAULT_PATH.rglob("*.*"):
        target = copy / path.relative_to(DEFAULT_PATH)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    assert fingerprint(probe(copy)) == FINGERPRINT_IN_0_1_0
    (copy / "defaults.json").write_text("{}")
    assert fingerprint(probe(copy)) != FINGERPRINT_IN_0_1_0

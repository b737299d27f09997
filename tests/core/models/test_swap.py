"""The VAE of a model can be replaced by another one: from a folder, from a model, or from a file."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors.torch import load_file, save_file

from core.errors import ModelBroken, ModelMissing, ModelUnsupported, PickleRefused
from core.latents.decode import decode
from core.latents.encode import encode_images
from core.latents.noise import make_noise
from core.models import swap
from core.models.components import LoadedModel
from core.models.evidence import file_evidence
from core.models.fingerprint import content_fingerprint
from core.models.probe import probe
from core.models.swap import latents_of, vae_at, with_vae
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published

ModelFolder = Callable[[str], Path]
WithFile = Callable[[str], tuple[Path, Path]]
WEIGHTS = "diffusion_pytorch_model.safetensors"


def image() -> Image.Image:
    x, y = np.meshgrid(np.arange(64), np.arange(40))
    return Image.fromarray(np.stack([x * 3, y * 5, (x + y) % 64 * 3], axis=-1).astype(np.uint8))


def test_a_model_with_the_vae_of_another_one_has_its_own_unet(model_folder: ModelFolder) -> None:
    card, other = probe(model_folder("sd1")), probe(model_folder("sd2"))
    made = with_vae(card, vae_at(model_folder("sd2")))
    assert made.part("vae") == other.part("vae")
    assert made.part("unet") == card.part("unet")
    assert made.size_bytes == sum(part.size_bytes for part in made.parts.values())


@pytest.mark.usefixtures("one_thread")
def test_images_are_encoded_and_decoded_as_by_diffusers_with_the_same_vae(
    model_folder: ModelFolder, model_of: Callable[..., LoadedModel]
) -> None:
    import torch
    from diffusers import AutoencoderKL, StableDiffusionPipeline

    model = model_of("sd1")
    swapped = LoadedModel(with_vae(model.card, vae_at(model_folder("sd2") / "vae")), model.device, model.memory)
    vae = AutoencoderKL.from_pretrained(model_folder("sd2") / "vae")
    pipeline = StableDiffusionPipeline.from_pretrained(model_folder("sd1"), vae=vae, safety_checker=None)
    pipeline.set_progress_bar_config(disable=True)
    latents = make_noise([3], 4, 40, 64, 8)
    with torch.inference_mode():
        pixels = pipeline.vae.decode(latents / vae.config.scaling_factor).sample
        theirs = pipeline.image_processor.postprocess(pixels)[0]
    assert np.array_equal(np.asarray(decode(latents, swapped)[0]), np.asarray(theirs))
    assert not np.array_equal(np.asarray(decode(latents, model)[0]), np.asarray(theirs))
    assert not torch.equal(encode_images([image()], swapped), encode_images([image()], model))
    assert swapped.unet() is model.unet()  # what both models have in common is loaded once


@pytest.mark.parametrize("layout", ["folder", "file in the folder", "diffusers file", "model file", "vae file"])
def test_a_vae_has_the_same_bits_in_a_folder_and_in_a_file(
    folder_and_file: WithFile, tmp_path: Path, layout: str
) -> None:
    import torch

    from core.devices import Device

    folder, file = folder_and_file("sd1")
    card = probe(folder)
    alone = {
        name.removeprefix("first_stage_model."): tensor
        for name, tensor in load_file(file).items()
        if name.startswith("first_stage_model.")
    }
    save_file(alone, tmp_path / "fox.vae.safetensors")
    shutil.copy(folder / "vae" / WEIGHTS, tmp_path / "bright.safetensors")
    place = {
        "folder": folder,
        "file in the folder": folder / "vae" / WEIGHTS,
        "diffusers file": tmp_path / "bright.safetensors",
        "model file": file,
        "vae file": tmp_path / "fox.vae.safetensors",
    }[layout]
    made = with_vae(card, vae_at(place, card.family))
    usual, other = (LoadedModel(each, Device("cpu", 0, "fp32")).vae().state_dict() for each in (card, made))
    assert usual.keys() == other.keys()
    assert all(torch.equal(usual[name], other[name]) for name in usual)
    assert made.part("vae").config["scaling_factor"] == card.part("vae").config["scaling_factor"]


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        ("sd1-v-factor-4", "it works with 4x4 pixels per latent; this model needs 8x8"),
        ("16 channels", "its latents have 16 channels, but those of the model have 4"),
    ],
)
def test_a_vae_with_other_latents_is_refused(
    model_folder: ModelFolder, tmp_path: Path, recipe: str, reason: str
) -> None:
    folder = model_folder("sd1" if "channels" in recipe else recipe) / "vae"
    if "channels" in recipe:
        folder = Path(shutil.copytree(folder, tmp_path / "vae"))
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, "latent_channels": 16}))
    with pytest.raises(ModelUnsupported, match=reason):
        with_vae(probe(model_folder("sd1")), vae_at(folder))


def test_what_is_no_vae_is_refused_by_what_it_is(model_folder: ModelFolder, tmp_path: Path) -> None:
    for place, error, words in (
        (model_folder("sd1") / "unet", ModelUnsupported, "it is a UNet2DConditionModel"),
        (tmp_path, ModelUnsupported, "is not a model: it has no model_index.json"),
        (tmp_path / "nothing", ModelMissing, "there is no VAE"),
    ):
        with pytest.raises(error, match=words):
            vae_at(place)


def test_the_error_for_a_lora_as_a_vae_speaks_of_vaes(tmp_path: Path) -> None:
    lora = write_safetensors(tmp_path / "ink.safetensors", published()["sd1-lora-kohya"].shapes)
    with pytest.raises(ModelUnsupported, match="it is a LoRA for Stable Diffusion 1, not a VAE") as refused:
        vae_at(lora)
    assert refused.value.hint == ("`models --kind vae` lists the VAEs; `--vae` also takes a model, which lends its VAE")


def test_damaged_vaes_are_refused(model_folder: ModelFolder, tmp_path: Path) -> None:
    whole = model_folder("sd1") / "vae"
    cut = Path(shutil.copytree(whole, tmp_path / "cut"))
    (cut / WEIGHTS).write_bytes((whole / WEIGHTS).read_bytes()[:-100])
    pickled = Path(shutil.copytree(whole, tmp_path / "pickled"))
    (pickled / WEIGHTS).rename(pickled / "diffusion_pytorch_model.bin")
    strange = Path(shutil.copytree(whole, tmp_path / "strange"))
    (strange / "config.json").write_text('{"_class_name": "AutoencoderKL", "block_out_channels": 4}')
    with pytest.raises(ModelBroken, match="is broken"):
        vae_at(cut)
    with pytest.raises(PickleRefused):
        vae_at(pickled)
    with pytest.raises(ModelBroken, match="its settings are invalid"):
        latents_of(vae_at(strange))


def test_the_fingerprint_of_a_vae_depends_on_its_content_alone(model_folder: ModelFolder, tmp_path: Path) -> None:
    whole = vae_at(model_folder("sd1"))
    copy = Path(shutil.copytree(whole.path, tmp_path / "copy"))
    assert (
        content_fingerprint(vae_at(copy))
        == content_fingerprint(whole)
        != content_fingerprint(vae_at(model_folder("sd2")))
    )
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "scaling_factor": 0.5}))
    assert content_fingerprint(vae_at(copy)) != content_fingerprint(whole)


def test_the_family_of_the_model_decides_the_scale_of_a_vae_in_a_file(folder_and_file: WithFile) -> None:
    file = folder_and_file("sd1")[1]
    factors = {family: vae_at(file, family).config["scaling_factor"] for family in ("sd1", "sd2", "sdxl", "")}
    assert factors == {"sd1": 0.18215, "sd2": 0.18215, "sdxl": 0.13025, "": 0.18215}
    assert len({content_fingerprint(vae_at(file, family)) for family in factors}) == 1


def test_the_header_of_a_file_is_read_again_only_after_the_file_has_changed(
    folder_and_file: WithFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(shutil.copy(folder_and_file("sd1")[1], tmp_path / "fox.safetensors"))
    read: list[Path] = []
    monkeypatch.setattr(swap, "file_evidence", lambda path: read.append(path) or file_evidence(path))
    first = vae_at(file, "sd1")
    assert vae_at(file, "sd1") == first
    assert read == [file]
    damaged = tmp_path / "new.safetensors"
    damaged.write_bytes(file.read_bytes()[:-8])
    damaged.replace(file)
    with pytest.raises(ModelBroken):
        vae_at(file, "sd1")

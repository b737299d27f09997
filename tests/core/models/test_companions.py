"""A single file without a VAE or text encoders borrows them from the user's other models."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from safetensors.torch import load_file

from core.errors import ModelUnsupported
from core.models.card import ModelCard
from core.models.catalog import card_at
from core.models.companions import beside
from core.models.fingerprint import fingerprint
from core.models.recognize import recognize
from core.models.recognized import Recognized
from core.models.scan import candidate_at, scan
from tests.core.models.drawing import image_of
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published
from tests.single_files import UNET, VAE, Tensors, write_file

TinyOf = Callable[[str], tuple[Path, Path]]


@pytest.fixture
def tensors(folder_and_file: TinyOf) -> Tensors:
    return load_file(folder_and_file("sd1")[1])


@pytest.fixture
def bare(tensors: Tensors, tmp_path: Path) -> Path:
    """Return a file with a UNet only, as ComfyUI keeps them in `diffusion_models`."""
    return write_file(tmp_path / "own/fox.safetensors", below(tensors, UNET))


def below(tensors: Tensors, *starts: str, prefix: str = "") -> Tensors:
    """Return the tensors below some prefixes, with another prefix."""
    found = [(name, start) for name in tensors for start in starts if name.startswith(start)]
    return {prefix + name.removeprefix(start): tensors[name] for name, start in found}


def owned_in(folder: Path) -> Callable[[], Sequence[Recognized]]:
    return lambda: [recognize(candidate) for candidate in scan(folder).candidates]


def card(path: Path, folder: Path) -> ModelCard:
    return card_at(path, owned=owned_in(folder))


def test_a_unet_takes_its_vae_and_text_encoder_from_single_files_and_its_tokenizer_from_the_program(
    bare: Path, tensors: Tensors, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    write_file(models / "vae/ft-mse.safetensors", below(tensors, VAE))
    write_file(models / "text_encoders/clip_l.safetensors", below(tensors, "cond_stage_model.transformer."))
    found = card(bare, models)
    assert found.borrowed == {"vae": "ft-mse", "text_encoder": "clip_l"}
    assert found.part("vae").path == models / "vae/ft-mse.safetensors"
    assert found.part("tokenizer").layout == "shipped"
    assert found.files == (bare, models / "vae/ft-mse.safetensors", models / "text_encoders/clip_l.safetensors")


def test_a_unet_takes_its_parts_from_a_model_of_its_family(
    bare: Path, folder_and_file: TinyOf, tensors: Tensors, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    shutil.copy(folder_and_file("sd2")[1], models.mkdir() or models / "a-sd2.safetensors")
    shutil.copy(folder_and_file("sd1")[1], models / "b-sd1.safetensors")
    shutil.copytree(folder_and_file("sd1")[0], models / "c-sd1")
    found = card(bare, models)
    assert found.borrowed == {"vae": "b-sd1", "text_encoder": "b-sd1"}
    (models / "b-sd1.safetensors").unlink()
    found = card(bare, models)
    assert found.borrowed == {"vae": "c-sd1", "text_encoder": "c-sd1"}
    assert found.part("tokenizer").path == models / "c-sd1/tokenizer"
    assert models / "c-sd1/tokenizer/merges.txt" in found.files


@pytest.mark.parametrize("name", ["fox.vae", "noted"])
def test_a_vae_named_after_the_file_or_in_its_notes_comes_first(
    bare: Path, tensors: Tensors, tmp_path: Path, name: str
) -> None:
    models = tmp_path / "models"
    write_file(models / "a-vae.safetensors", below(tensors, VAE))
    write_file(models / f"{name}.safetensors", below(tensors, VAE))
    write_file(models / "clip_l.safetensors", below(tensors, "cond_stage_model.transformer."))
    bare.with_suffix(".json").write_text('{"vae": "noted"}')
    assert card(bare, models).borrowed["vae"] == name


def test_parts_of_another_size_and_broken_parts_are_not_borrowed(bare: Path, tensors: Tensors, tmp_path: Path) -> None:
    models = tmp_path / "models"
    wide = {name: each.repeat(1, 2) if "embedding" in name else each for name, each in tensors.items()}
    write_file(models / "a-wide.safetensors", below(wide, "cond_stage_model.transformer."))
    write_file(
        models / "a-vae.safetensors",
        {**below(tensors, VAE), "encoder.down.9.block.0.conv1.weight": tensors[f"{UNET}out.2.bias"]},
    )
    write_file(models / "b-vae.safetensors", below(tensors, VAE))
    write_file(models / "b-text.safetensors", below(tensors, "cond_stage_model.transformer."))
    assert card(bare, models).borrowed == {"vae": "b-vae", "text_encoder": "b-text"}


def test_the_refusal_names_the_parts_that_no_model_has(bare: Path, tensors: Tensors, tmp_path: Path) -> None:
    with pytest.raises(ModelUnsupported) as refused:
        card(bare, tmp_path / "models")
    assert str(refused.value) == (
        f"{bare} cannot be used: it lacks a VAE and CLIP L, and none of your models can lend them"
    )
    assert refused.value.hint == "add a folder with a complete Stable Diffusion 1 model: models scan DIR --add"
    write_file(tmp_path / "models/vae.safetensors", below(tensors, VAE))
    with pytest.raises(ModelUnsupported, match="it lacks CLIP L, and none of your models can lend it"):
        card(bare, tmp_path / "models")


def test_borrowed_parts_count_for_the_fingerprint_wherever_they_lie(
    bare: Path, tensors: Tensors, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    write_file(models / "z-vae.safetensors", below(tensors, VAE))
    write_file(models / "clip_l.safetensors", below(tensors, "cond_stage_model.transformer."))
    first = fingerprint(card(bare, models))
    shutil.move(models / "z-vae.safetensors", tmp_path / "models/a-vae.safetensors")
    assert fingerprint(card(bare, models)) == first
    other = {name: 2 * each for name, each in below(tensors, VAE).items()}
    write_file(models / "a-vae.safetensors", other)
    assert fingerprint(card(bare, models)) != first


def test_a_vae_of_sdxl_is_no_vae_for_stable_diffusion_1(bare: Path, tensors: Tensors, tmp_path: Path) -> None:
    write_file(tmp_path / "models/sdxl_vae.safetensors", below(tensors, VAE))
    write_file(tmp_path / "models/clip_l.safetensors", below(tensors, "cond_stage_model.transformer."))
    with pytest.raises(ModelUnsupported, match="it lacks a VAE, and none"):
        card(bare, tmp_path / "models")


def test_a_file_in_a_folder_of_comfyui_finds_the_parts_of_its_program(tensors: Tensors, tmp_path: Path) -> None:
    unet = write_file(tmp_path / "ComfyUI/models/diffusion_models/fox.safetensors", below(tensors, UNET))
    vae = write_file(tmp_path / "ComfyUI/models/vae/ft-mse.safetensors", below(tensors, VAE))
    text = write_file(
        tmp_path / "ComfyUI/models/text_encoders/clip_l.safetensors", below(tensors, "cond_stage_model.transformer.")
    )
    other = write_file(tmp_path / "ComfyUI/models/loras/ink.safetensors", {"a": tensors[f"{UNET}out.2.bias"]})
    assert {one.path for one in beside(unet)} == {vae, text}
    assert other not in {one.path for one in beside(unet)}


def test_for_a_complete_file_no_other_models_are_looked_at(folder_and_file: TinyOf) -> None:
    def refuse() -> Sequence[Recognized]:
        raise AssertionError

    assert card_at(folder_and_file("sd1")[1], owned=refuse).borrowed == {}
    assert recognize(candidate_at(folder_and_file("sd1")[1])).identity.missing == ()


def test_the_refiner_takes_its_vae_and_its_text_encoder_from_the_base_model(tmp_path: Path) -> None:
    shapes = published()["sdxl-refiner-checkpoint"].shapes
    own = {name: shape for name, shape in shapes.items() if name.startswith(UNET)}
    refiner = write_safetensors(tmp_path / "refiner.safetensors", own)
    write_safetensors(tmp_path / "models/base.safetensors", published()["sdxl-checkpoint"].shapes)
    found = card(refiner, tmp_path / "models")
    assert found.borrowed == {"vae": "base", "text_encoder_2": "base"}
    assert found.part("text_encoder_2").prefix == "conditioner.embedders.1.model."
    assert found.part("tokenizer_2").config == {"pad_token": "!"}


@pytest.mark.usefixtures("one_thread")
def test_networks_in_files_of_their_own_in_diffusers_layout_make_the_images_of_their_folder(
    folder_and_file: TinyOf, tmp_path: Path
) -> None:
    folder = folder_and_file("sd1")[0]
    for source, target in (
        ("unet/diffusion_pytorch_model", "fox"),
        ("vae/diffusion_pytorch_model", "vae/mse"),
        ("text_encoder/model", "clip/clip_l"),
    ):
        place = tmp_path / f"{target}.safetensors"
        place.parent.mkdir(exist_ok=True)
        shutil.copy(folder / f"{source}.safetensors", place)
    assert image_of(tmp_path / "fox.safetensors", owned=owned_in(tmp_path)) == image_of(folder)

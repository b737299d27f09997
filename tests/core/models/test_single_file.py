"""A single file makes the images of the folder with the same weights, bit for bit; its card needs only its header."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.latents.decode import decode
from core.latents.encode import encode_images
from core.latents.mask import mask_to_latents
from core.latents.noise import make_noise
from core.models import safetensors_header
from core.models.catalog import card_at
from core.models.components import LoadedModel
from core.models.fingerprint import fingerprint
from core.models.layouts.ldm_unet import ldm_unet_names
from core.models.load import read_weights
from core.text.encode import encode
from tests.core.models.drawing import CPU, HEIGHT, SEEDS, WIDTH, image_of
from tests.single_files import Tensors, write_file

TinyOf = Callable[[str], tuple[Path, Path]]

YAML = "model:\n  params:\n    parameterization: v\n"


@pytest.fixture
def file_of(folder_and_file: TinyOf, tmp_path: Path) -> Callable[[str], Path]:
    """Copy the single file of a tiny model to a folder that a test may change."""
    return lambda name: Path(shutil.copy(folder_and_file(name)[1], tmp_path))


def changed(path: Path, change: Callable[[Tensors], Tensors], target: Path) -> Path:
    """Write a copy of a file with changed tensors."""
    return write_file(target, change(load_file(path)))


def without(*starts: str) -> Callable[[Tensors], Tensors]:
    return lambda tensors: {name: each for name, each in tensors.items() if not name.startswith(starts)}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize(
    ("name", "guidance", "seeds"),
    [
        ("sd1", 5.0, SEEDS),
        ("sd2", 5.0, SEEDS),
        ("sd2", 1.0, (7,)),
        ("sdxl", 5.0, SEEDS),
        ("sdxl", 1.0, (7,)),
        ("playground", 3.0, (7,)),
    ],
)
def test_a_file_makes_the_images_of_the_folder_with_the_same_weights(
    folder_and_file: TinyOf, name: str, guidance: float, seeds: tuple[int, ...]
) -> None:
    folder, file = folder_and_file(name)
    assert image_of(file, guidance, seeds) == image_of(folder, guidance, seeds)


@pytest.mark.usefixtures("one_thread")
def test_a_file_of_the_refiner_makes_the_images_of_its_folder(folder_and_file: TinyOf) -> None:
    folder, file = folder_and_file("sdxl-refiner")
    assert image_of(file, family="sdxl-refiner") == image_of(
        folder
    )  # no published model has its width, so its family must be stated


def test_weights_that_multiply_a_single_row_are_aligned_wherever_they_lie_in_a_file(
    folder_and_file: TinyOf, tmp_path: Path
) -> None:
    tensors = load_file(folder_and_file("sd1")[1])
    for extra in range(4):  # the header grows by 8 bytes at a time
        path = write_file(tmp_path / f"{extra}.safetensors", tensors, metadata={"note": "x" * 8 * extra})
        weights = read_weights(card_at(path).part("unet"), CPU, ldm_unet_names)
        row = [each.data_ptr() for name, each in weights.items() if "time_emb" in name]
        assert {place % 64 for place in row} == {0}


@pytest.mark.usefixtures("one_thread")
def test_a_yaml_beside_the_file_says_that_the_unet_predicts_v(
    folder_and_file: TinyOf, file_of: Callable[[str], Path]
) -> None:
    file = file_of("sd2-v")
    assert (card_at(file).prediction_type, card_at(file).width) == ("epsilon", 512)
    file.with_suffix(".yaml").write_text(YAML)
    assert (card_at(file).prediction_type, card_at(file).width) == ("v_prediction", 768)
    assert image_of(file) == image_of(folder_and_file("sd2-v")[0])


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("guidance", [5.0, 1.0])
def test_a_file_in_half_precision_makes_the_images_of_its_folder(
    folder_and_file: TinyOf, tmp_path: Path, guidance: float
) -> None:
    folder, file = folder_and_file("sd1")
    half = write_file(tmp_path / "half.safetensors", load_file(file), torch.float16)
    assert half.stat().st_size < 0.6 * file.stat().st_size
    shutil.copytree(folder, tmp_path / "half")
    for weights in (tmp_path / "half").glob("*/*.safetensors"):
        write_file(weights, load_file(weights), torch.float16)
    assert image_of(half, guidance) == image_of(tmp_path / "half", guidance)


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", ["sd1-inpainting", "sd2-inpainting", "sdxl-inpainting"])
def test_a_file_for_inpainting_makes_the_images_of_its_folder(folder_and_file: TinyOf, name: str) -> None:
    made = []
    for path in folder_and_file(name):
        model = LoadedModel(card_at(path), CPU)
        assert model.card.needs == ("mask",)
        image = Image.linear_gradient("L").resize((WIDTH, HEIGHT)).convert("RGB")
        mask = Image.linear_gradient("L").resize((WIDTH, HEIGHT))
        latents = encode_images([image], model)
        noise = make_noise([7], 4, HEIGHT, WIDTH, 8)
        inputs = DenoiseInputs(
            noise, encode("a fox", "", model), (7,), 1, 5.0, "euler",
            latents=latents, mask=mask_to_latents(mask, 8), masked_latents=latents,
        )  # fmt: skip
        made.append(decode(denoise(inputs, model), model)[0].tobytes())
    assert made[0] == made[1]


def test_a_card_reads_the_header_of_its_file_only_once(
    file_of: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, read = file_of("sd1"), []
    count = safetensors_header.read_safetensors

    def counted(*arguments: object) -> object:
        read.append(arguments)
        return count(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(safetensors_header, "read_safetensors", counted)
    first = card_at(file)
    assert card_at(file) is first
    assert len(read) == 1


def test_a_card_is_read_again_after_the_file_or_a_note_beside_it_has_changed(file_of: Callable[[str], Path]) -> None:
    file = file_of("sd2")
    first = card_at(file)
    file.with_suffix(".yaml").write_text(YAML)
    assert card_at(file).prediction_type == "v_prediction"
    file.with_suffix(".yaml").unlink()
    assert card_at(file) == first
    changed(file, without("cond_stage_model.model.logit_scale"), file)
    assert card_at(file).size_bytes < first.size_bytes


def test_a_fingerprint_depends_on_the_family_and_the_prediction_of_a_file_but_not_on_its_name(
    file_of: Callable[[str], Path],
) -> None:
    file = file_of("sd2")
    first = fingerprint(card_at(file))
    moved = Path(shutil.move(file, file.with_name("renamed.safetensors")))
    assert fingerprint(card_at(moved)) == first
    assert fingerprint(card_at(moved, family="sd1")) != first
    moved.with_suffix(".yaml").write_text(YAML)
    assert fingerprint(card_at(moved)) != first


def test_the_name_of_a_model_is_that_of_its_file_without_the_suffix(file_of: Callable[[str], Path]) -> None:
    card = card_at(file_of("sd1"))
    assert (card.name, card.family, card.variant) == ("sd1", "sd1", "")
    assert (card.width, card.height, card.steps) == (512, 512, 25)


@pytest.mark.parametrize(("bias", "prediction"), [(0.2, "v_prediction"), (0.05, "epsilon")])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_what_stable_diffusion_2_predicts_follows_from_the_deviation_of_its_last_norm(
    file_of: Callable[[str], Path], tmp_path: Path, bias: float, prediction: str, dtype: torch.dtype
) -> None:
    name = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"
    tensors = load_file(file_of("sd2"))
    tensors[name] = bias * torch.tensor([1.0, -1.0]).repeat(tensors[name].numel() // 2)
    assert card_at(write_file(tmp_path / "spread.safetensors", tensors, dtype)).prediction_type == prediction

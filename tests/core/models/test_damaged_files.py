"""A single file that cannot work is refused with what is wrong with it, before or while its networks are loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.devices import Device
from core.errors import CoreError, ModelBroken, ModelUnsupported
from core.models.catalog import card_at
from core.models.components import LoadedModel
from tests.single_files import UNET, VAE, Tensors, write_file

TinyOf = Callable[[str], tuple[Path, Path]]
Change = Callable[[Tensors], None]

TEXT = "cond_stage_model.transformer.text_model."
DEEP = f"{UNET}input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight"


@pytest.fixture
def changed(folder_and_file: TinyOf, tmp_path: Path) -> Callable[[Change], Path]:
    """Return a function that writes the file of a tiny model with changed tensors."""

    def write(change: Change) -> Path:
        tensors = load_file(folder_and_file("sd1")[1])
        change(tensors)
        return write_file(tmp_path / "fox.safetensors", tensors)

    return write


def refusal_of(path: Path) -> CoreError:
    """Return the error that a model's card or its networks raise."""
    with pytest.raises(CoreError) as refused:
        load(path)
    assert str(path) in str(refused.value)
    return refused.value


def load(path: Path) -> None:
    model = LoadedModel(card_at(path), Device("cpu", 0, "fp32"))
    model.unet(), model.vae(), model.text()


def remove(*starts: str) -> Change:
    def change(tensors: Tensors) -> None:
        for name in [each for each in tensors if each.startswith(starts)]:
            del tensors[name]

    return change


def replaced(name: str, tensor: torch.Tensor) -> Change:
    return lambda tensors: tensors.update({name: tensor})


def also_below(prefix: str) -> Change:
    """Repeat the UNet below another prefix."""
    return lambda tensors: tensors.update(
        {prefix + name.removeprefix(UNET): each.clone() for name, each in tensors.items() if name.startswith(UNET)}
    )


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (remove(f"{UNET}input_blocks.0.0."), ModelUnsupported, "a model of an unknown kind"),
        (remove(f"{UNET}out.2.weight"), ModelBroken, "its UNet cannot be built: `conv_out.weight` is missing"),
        (remove(f"{UNET}output_blocks.5."), ModelBroken, "its UNet cannot be built: it has 4 levels down and 3"),
        (remove(f"{UNET}out.2.bias"), ModelBroken, "missing weights: conv_out.bias"),
        (remove(f"{VAE}decoder.mid.block_1.conv1.bias"), ModelBroken, "missing weights: decoder.mid_block."),
        (remove(f"{TEXT}final_layer_norm."), ModelBroken, "missing weights: final_layer_norm.weight and 1 more"),
        (remove(f"{TEXT}encoder.layers.0."), ModelBroken, "its text encoder cannot be built: `encoder.layers.0."),
        (replaced(DEEP, torch.zeros(64, 32)), ModelBroken, "its UNet cannot be built: its text width differs"),
        (replaced(DEEP, torch.zeros(2)), ModelBroken, "its UNet cannot be built: a tensor has an unusual shape"),
        (replaced(f"{UNET}out.0.bias", torch.zeros(2)), ModelBroken, "its weights do not have shapes that form a"),
        (replaced(f"{UNET}input_blocks.0.0.weight", torch.zeros(32, 7, 3, 3)), ModelUnsupported, "upscaler"),
        (replaced(f"{UNET}extra.weight", torch.zeros(2)), ModelBroken, "unexpected weights: extra.weight"),
        (also_below("unet."), ModelUnsupported, "it holds several UNets, such as `model.diffusion_model.` and `unet.`"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_work_is_refused_with_what_is_wrong(
    changed: Callable[[Change], Path], change: Change, kind: type[CoreError], reason: str
) -> None:
    error = refusal_of(changed(change))
    assert isinstance(error, kind)
    assert reason in str(error)


def test_a_text_encoder_of_another_width_does_not_fit(changed: Callable[[Change], Path]) -> None:
    def widen(tensors: Tensors) -> None:
        for name in [each for each in tensors if each.startswith(TEXT) and tensors[each].is_floating_point()]:
            tensors[name] = tensors[name].repeat(*[2] * tensors[name].dim())
        embedding = f"{TEXT}embeddings."
        tensors[f"{embedding}position_embedding.weight"] = tensors[f"{embedding}position_embedding.weight"][:77]

    assert "the text width is 128 in one and 64 in another" in str(refusal_of(changed(widen)))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.999])
def test_a_file_that_ends_early_is_refused(folder_and_file: TinyOf, tmp_path: Path, part: float) -> None:
    data = folder_and_file("sd1")[1].read_bytes()
    path = tmp_path / "fox.safetensors"
    path.write_bytes(data[: int(part * len(data))])
    error = refusal_of(path)
    assert isinstance(error, ModelBroken)
    assert "bytes, but its header says" in str(error)


def test_averaged_copies_and_other_tensors_from_the_training_are_ignored(changed: Callable[[Change], Path]) -> None:
    def add(tensors: Tensors) -> None:
        unet = [name for name in tensors if name.startswith(UNET)]
        flat = {f"model_ema.{name.removeprefix('model.').replace('.', '')}": torch.ones(2) for name in unet}
        training = {"model_ema.decay": torch.ones(()), "alphas_cumprod": torch.ones(1000), "betas": torch.ones(1000)}
        tensors.update({**flat, **training, "global_step": torch.ones((), dtype=torch.int64)})

    load(changed(add))

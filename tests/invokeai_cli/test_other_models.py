"""Lines with files and folders of every kind say what each is and what to do with it, and none is called broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.core.models.folders import pipeline
from tests.core.models.headers import write_gguf, write_safetensors
from tests.core.models.published_names import published
from tests.invokeai_cli.conftest import TypeLine

LISTS = published()
MATERIAL = Path(__file__).parents[1] / "material"
YOURS = "`models --kind model` lists the models that generate images"
NO_PICKLES = "get its safetensors version; weights in pickles are never loaded"
NOT_A_MODEL = "not a model that generates images"

Make = Callable[[Path], Path]


def header(ident: str) -> Make:
    """Return a function that writes a file with the header of a published model."""
    return lambda folder: write_safetensors(folder / "fox.safetensors", LISTS[ident].shapes)


def gguf(folder: Path) -> Path:
    return write_gguf(folder / "fox.gguf", LISTS["flux1-dev"].shapes, "Q4_K")


def flux(folder: Path) -> Path:
    return pipeline(folder / "fox", "FluxPipeline", transformer={"_class_name": "FluxTransformer2DModel"})


def pickled(name: str, key: str, ident: str) -> Make:
    """Return a function that writes a pickle with the tensors of a published model under a key."""

    def write(folder: Path) -> Path:
        shapes = LISTS[ident].shapes
        torch.save({key: {each: torch.zeros(1).expand(shape) for each, shape in shapes.items()}}, folder / name)
        return folder / name

    return write


CASES: dict[str, tuple[Make, str, str]] = {
    "LoRA": (
        header("sd1-lora-kohya"),
        f"{{}} cannot be used: it is a LoRA for Stable Diffusion 1, {NOT_A_MODEL}",
        f"LoRAs cannot be used yet; {YOURS}",
    ),
    "embedding": (
        header("sdxl-embedding"),
        f"{{}} cannot be used: it is an embedding for Stable Diffusion XL, {NOT_A_MODEL}",
        f"embeddings cannot be used yet; {YOURS}",
    ),
    "ControlNet": (
        header("sd1-controlnet"),
        f"{{}} cannot be used: it is a ControlNet for Stable Diffusion 1, {NOT_A_MODEL}",
        f"ControlNets cannot be used yet; {YOURS}",
    ),
    "upscaler": (
        header("realesrgan-x4"),
        f"{{}} cannot be used: it is an upscaler (ESRGAN, 4x), {NOT_A_MODEL}",
        f"upscalers other than `lanczos` cannot be used yet; {YOURS}",
    ),
    "LoRA folder": (
        lambda _: MATERIAL / "lora",
        f"{{}} cannot be used: it is a LoRA for Stable Diffusion 1, {NOT_A_MODEL}",
        f"LoRAs cannot be used yet; {YOURS}",
    ),
    "ControlNet folder": (
        lambda _: MATERIAL / "controlnet",
        f"{{}} cannot be used: it is a ControlNet for Stable Diffusion 1, {NOT_A_MODEL}",
        f"ControlNets cannot be used yet; {YOURS}",
    ),
    "GGUF": (gguf, "{} cannot be used: it is FLUX.1 (dev, gguf), which cannot run yet", "can run; `models` lists your"),
    "FLUX folder": (flux, "{} cannot be used: it is FLUX.1, which cannot run yet", "can run; `models` lists your"),
    "pickled upscaler": (
        pickled("4x.pth", "params_ema", "realesrgan-x4"),
        "{} is an upscaler (ESRGAN, 4x) in a pickle, which can run arbitrary code when loaded",
        "upscalers other than `lanczos` cannot be used yet, and weights in pickles are never loaded",
    ),
    "pickled checkpoint": (
        pickled("fox.ckpt", "state_dict", "sd1-checkpoint"),
        "{} is Stable Diffusion 1 in a pickle, which can run arbitrary code when loaded",
        f"{NO_PICKLES}; if you trust this one, convert it: python -c",
    ),
}


@pytest.mark.parametrize(("make", "error", "hint"), CASES.values(), ids=CASES)
def test_the_error_says_what_the_file_is_and_what_to_do(
    type_: TypeLine, make: Make, error: str, hint: str, tmp_path: Path
) -> None:
    path = make(tmp_path)
    result = type_("explain", f"t2i a fox --model '{path}'")
    first, *_, last = result.err.splitlines()
    assert (result.status, result.out) == (4, "")
    assert first.startswith("error: " + error.format(path))
    assert hint in last
    assert "broken" not in result.err
    assert "models install" not in result.err
    assert "models convert" not in result.err


@pytest.mark.parametrize(
    ("words", "status", "error"),
    [
        (("t2i", "a", "--lora", "f"), 2, "error: `t2i` has no input `lora`"),
        (("t2i", "a", "--model", "org/name"), 4, "error: there is no model `org/name`"),
        (("t2i", "a", "--model", "https://a.b/c.safetensors"), 4, "error: there is no model `https://a.b/c"),
        (("config", "set", "models", "x"), 2, "error: there is no setting `models`"),
        (("models", "install", "f"), 2, "error: `models` has no subcommand `install`"),
    ],
)
def test_words_for_what_is_not_there_yet_are_refused_with_a_hint(
    type_: TypeLine, words: tuple[str, ...], status: int, error: str
) -> None:
    result = type_(*words)
    assert (result.status, result.out) == (status, "")
    assert result.err.startswith(error)
    assert len(result.err.splitlines()) >= 2

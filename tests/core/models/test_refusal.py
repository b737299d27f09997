"""Errors for files that cannot generate images say what the file is, why not, and what to do with it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.errors import CoreError, ModelBroken, ModelMissing, ModelUnsupported, PickleRefused
from core.models import refusal
from core.models.catalog import card_at
from core.models.kinds.identity import Identity
from core.models.recognize import recognize
from core.models.recognized import Recognized
from core.models.refusal import missing
from core.models.scan import candidate_at
from tests.core.models.folders import WEIGHTS, pipeline, write_settings
from tests.core.models.headers import write_gguf, write_safetensors
from tests.core.models.published_names import published

MATERIAL = Path(__file__).parents[2] / "material"
LISTS = published()
YOURS = "; `models --kind model` lists the models that generate images"
RUNNING = "models of SD 1, SD 2 and SDXL, and the SDXL refiner, can run; `models` lists your models and their states"
FILES = {
    "flux1-dev": ("it is FLUX.1 (dev) in a single file without a VAE, CLIP L or T5 XXL, which cannot run yet", RUNNING),
    "sd1-lora-kohya": ("it is a LoRA for Stable Diffusion 1", f"LoRAs cannot be used yet{YOURS}"),
    "sdxl-lokr": ("it is a LoKr for Stable Diffusion XL", f"LoRAs cannot be used yet{YOURS}"),
    "sdxl-embedding": ("it is an embedding for Stable Diffusion XL", f"embeddings cannot be used yet{YOURS}"),
    "sd1-controlnet": ("it is a ControlNet for Stable Diffusion 1", f"ControlNets cannot be used yet{YOURS}"),
    "sd1-t2i-adapter": ("it is a T2I-Adapter for Stable Diffusion 1", f"T2I-Adapters cannot be used yet{YOURS}"),
    "sd1-ip-adapter-plus": (
        "it is an IP-Adapter for Stable Diffusion 1 (plus)",
        f"IP-Adapters cannot be used yet{YOURS}",
    ),
    "realesrgan-x4": ("it is an upscaler (ESRGAN, 4x)", f"upscalers other than `lanczos` cannot be used yet{YOURS}"),
    "gfpgan": ("it is a restorer (GFPGAN)", f"models that restore images cannot be used yet{YOURS}"),
    "ltx-video": ("it is a model for another purpose (ltx-video)", YOURS[2:]),
}
"""For each kind of single file: what it is, and what to do with it."""


def refused(path: Path | str) -> CoreError:
    """Return the error for a model that cannot be used."""
    with pytest.raises(CoreError) as caught:
        card_at(Path(path))
    return caught.value


@pytest.mark.parametrize("ident", FILES)
def test_the_error_for_a_single_file_says_what_it_is_and_what_to_do_and_does_not_call_it_broken(
    ident: str, tmp_path: Path
) -> None:
    what, hint = FILES[ident]
    path = write_safetensors(tmp_path / "fox.safetensors", LISTS[ident].shapes)
    error = refused(path)
    rest = "" if LISTS[ident].kind == "model" else ", not a model that generates images"
    assert (type(error), str(error)) == (ModelUnsupported, f"{path} cannot be used: {what}{rest}")
    assert error.hint == hint


def test_the_error_for_a_gguf_file_names_its_family(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "fox.gguf", LISTS["flux1-dev"].shapes, "Q4_K")
    assert str(refused(path)) == f"{path} cannot be used: it is FLUX.1 (dev, gguf), which cannot run yet"


def test_the_error_for_a_file_of_another_runtime_names_the_runtime(tmp_path: Path) -> None:
    path = tmp_path / "fox.onnx"
    path.write_bytes(b"onnx")
    error = refused(path)
    assert str(error) == f"{path} cannot be used: it is a file for ONNX; only that runtime can load it"
    assert error.hint == "download a version of the model with safetensors weights"


def test_a_folder_with_a_lora_or_a_controlnet_is_not_called_broken() -> None:
    lora, controlnet = (refused(MATERIAL / name) for name in ("lora", "controlnet"))
    assert str(lora).endswith("it is a LoRA for Stable Diffusion 1, not a model that generates images")
    assert "it is a ControlNet" in str(controlnet)
    assert {type(lora), type(controlnet)} == {ModelUnsupported}


def _vae(folder: Path) -> Path:
    write_settings(folder / "config.json", _class_name="AutoencoderKL", latent_channels=4)
    return write_safetensors(folder / WEIGHTS, LISTS["sd-vae"].shapes).parent


def _adapter(folder: Path) -> Path:
    write_settings(folder / "config.json", _class_name="T2IAdapter", adapter_type="full_adapter")
    return write_safetensors(folder / WEIGHTS, {"adapter.body.0.resnets.0.block1.weight": (320, 320, 3, 3)}).parent


def _flux(folder: Path) -> Path:
    return pipeline(folder, "FluxPipeline", transformer={"_class_name": "FluxTransformer2DModel"})


@pytest.mark.parametrize(
    ("make", "clause"),
    [
        (_vae, "it is a VAE for Stable Diffusion 1, Stable Diffusion 2 or Stable Diffusion XL, not a model"),
        (_adapter, "it is a T2I-Adapter for Stable Diffusion 1, not a model that generates images"),
        (_flux, "it is FLUX.1, which cannot run yet"),
    ],
)
def test_the_error_for_a_folder_of_another_kind_says_what_it_is(
    make: Callable[[Path], Path], clause: str, tmp_path: Path
) -> None:
    folder = make(tmp_path / "fox")
    error = refused(folder)
    assert isinstance(error, ModelUnsupported)
    assert str(error).startswith(f"{folder} cannot be used: {clause}")


@pytest.mark.parametrize(
    ("name", "denoiser", "what"),
    [
        ("StableDiffusion3Pipeline", "SD3Transformer2DModel", "Stable Diffusion 3"),
        ("FluxFillPipeline", "FluxTransformer2DModel", "FLUX.1 (fill)"),
        ("FluxKontextPipeline", "FluxTransformer2DModel", "FLUX.1 (kontext)"),
        ("Flux2KleinPipeline", "Flux2Transformer2DModel", "FLUX.2 (klein)"),
        ("PixArtSigmaPipeline", "PixArtTransformer2DModel", "PixArt-Sigma"),
        ("ZImagePipeline", "ZImageTransformer2DModel", "Z-Image"),
        ("QwenImagePipeline", "QwenImageTransformer2DModel", "Qwen-Image"),
        ("Lumina2Pipeline", "Lumina2Transformer2DModel", "Lumina Image 2"),
        ("SanaPipeline", "SanaTransformer2DModel", "Sana"),
        ("WanPipeline", "WanTransformer3DModel", "Wan"),
        ("ChromaPipeline", "ChromaTransformer2DModel", "Chroma"),
        ("Krea2Pipeline", "Krea2Transformer2DModel", "Krea 2"),
        ("HunyuanImagePipeline", "HunyuanImageTransformer2DModel", "HunyuanImage"),
    ],
)
def test_the_error_for_a_folder_of_a_family_that_cannot_run_yet_names_the_family(
    name: str, denoiser: str, what: str, tmp_path: Path
) -> None:
    folder = pipeline(tmp_path / "fox", name, transformer={"_class_name": denoiser})
    error = refused(folder)
    assert str(error) == f"{folder} cannot be used: it is {what}, which cannot run yet"
    assert error.hint == RUNNING


def test_the_error_for_a_folder_without_a_model_suggests_models_scan(tmp_path: Path) -> None:
    folder = tmp_path / "my models"
    folder.mkdir()
    error = refused(folder)
    why = "it has no model_index.json, no config.json and no single weight file"
    assert (type(error), str(error)) == (ModelUnsupported, f"{folder} is not a model: {why}")
    assert error.hint == f"if this folder contains models, add it: models scan '{folder}' --add"


def test_a_pipeline_without_its_model_index_is_broken(tmp_path: Path) -> None:
    for part in ("unet", "vae"):
        (tmp_path / "fox" / part).mkdir(parents=True)
    error = refused(tmp_path / "fox")
    assert (type(error), str(error)) == (
        ModelBroken,
        f"the model at {tmp_path / 'fox'} is broken: its model_index.json is missing",
    )


def test_the_error_for_an_unknown_model_suggests_stating_its_kind(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "fox.safetensors", {"a": (1,), "b": (2,)})
    error = refused(path)
    assert "it is a model of an unknown kind: no rule knows its 2 tensors, such as `a`, `b`" in str(error)
    assert error.hint == f"if you know what it is, say so: models info {path} --kind KIND --family FAMILY"
    with pytest.raises(ModelUnsupported, match="it is a LoRA for Stable Diffusion XL, not a model"):
        card_at(path, kind="lora", family="sdxl")


NEVER_LOADED = "and weights in pickles are never loaded; `models --kind model` lists the models that generate images"
NO_PICKLES = "get its safetensors version; weights in pickles are never loaded"


@pytest.mark.parametrize(
    ("name", "content", "what", "hint"),
    [
        (
            "easy.pt",
            {"string_to_param": {"*": torch.zeros(2, 768)}},
            "an embedding for Stable Diffusion 1",
            f"embeddings cannot be used yet, {NEVER_LOADED}",
        ),
        (
            "4x.pth",
            {
                "params_ema": {
                    name: torch.zeros(1).expand(shape) for name, shape in LISTS["realesrgan-x4"].shapes.items()
                }
            },
            "an upscaler (ESRGAN, 4x)",
            f"upscalers other than `lanczos` cannot be used yet, {NEVER_LOADED}",
        ),
        ("old.ckpt", {"state_dict": {"a": torch.zeros(1)}}, "a model of an unknown kind", NO_PICKLES),
    ],
)
def test_the_error_for_a_pickle_says_what_it_is_and_shows_no_command_whose_result_cannot_be_used(
    name: str, content: object, what: str, hint: str, tmp_path: Path
) -> None:
    torch.save(content, tmp_path / name)
    error = refused(tmp_path / name)
    message = f"{tmp_path / name} is {what} in a pickle, which can run arbitrary code when loaded"
    assert (type(error), str(error), error.hint) == (PickleRefused, message, hint)


def test_the_error_for_a_pickle_that_runs_code_warns_of_it(tmp_path: Path) -> None:
    (tmp_path / "fox.ckpt").write_bytes(b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00trueq\x00\x85R.")
    error = refused(tmp_path / "fox.ckpt")
    reason = "it is a pickle that calls `posix.system` when it is loaded"
    assert (type(error), str(error)) == (PickleRefused, f"{tmp_path / 'fox.ckpt'} cannot be used: {reason}")
    assert error.hint.startswith("do not load it with any program")
    found = recognize(candidate_at(tmp_path / "fox.ckpt"))
    assert (found.problem, str(refusal.refusal(found))) == (reason, str(error))


@pytest.mark.parametrize(("family", "can_run_then"), [("sd1", True), ("flux1", False)])
def test_the_command_for_a_pickled_checkpoint_is_shown_only_if_its_result_can_run(
    tmp_path: Path, family: str, can_run_then: bool
) -> None:
    found = Recognized(tmp_path / "fox.ckpt", "fox", "pickle", Identity("model", family))
    assert ("weights_only=True" in refusal.refusal(found).hint) == can_run_then


def test_the_error_for_a_hub_name_or_a_web_address_says_how_to_get_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    error = missing("org/fox", [], ["default"])
    assert str(error) == "there is no model `org/fox`"
    assert (
        error.hint
        == "to get it from the Hugging Face hub, run `hf download org/fox` (from huggingface_hub), then give the "
        "path of the downloaded folder"
    )
    (tmp_path / "models--org--fox").mkdir()
    assert missing("org/fox", [], []).hint == (
        f"it is in the Hugging Face cache, which can be added: models scan {tmp_path} --add"
    )
    for address in ("https://civitai.com/models/1", "hf:org/fox", "civitai:1"):
        assert missing(address, [], []).hint == "models are not downloaded: get the file yourself, then give its path"
    assert missing("org/fox", [], ["default"], is_typo=True).hint == ""


def test_a_path_that_does_not_exist_is_a_missing_model(tmp_path: Path) -> None:
    assert isinstance(refused(os.fspath(tmp_path / "none")), ModelMissing)


def test_the_error_for_a_vae_writes_its_name_if_it_has_one(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "long folder" / "mse.safetensors", LISTS["sd-vae"].shapes)
    with pytest.raises(ModelUnsupported) as caught:
        card_at(path, name="mse@long folder")
    assert caught.value.hint == "use it with a model of its family: --model MODEL --vae 'mse@long folder'"
    with pytest.raises(ModelUnsupported) as caught:
        card_at(path)
    assert caught.value.hint == f"use it with a model of its family: --model MODEL --vae '{path}'"

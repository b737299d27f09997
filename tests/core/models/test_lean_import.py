"""What the core imports, checked in separate processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH

ROOT = Path(__file__).parents[3]

GENERATE = """
import sys
from core.devices import choose_device
from core.models.components import LoadedModel
from core.models.probe import probe
from core.text.encode import encode
from core.latents.noise import make_noise
from core.latents.decode import decode
from core.denoising.loop import denoise
from core.denoising.inputs import DenoiseInputs

def generate(folder, scheduler):
    model = LoadedModel(probe(folder), choose_device("cpu"))
    noise = make_noise([7], 4, 64, 64, model.card.vae_scale_factor)
    request = DenoiseInputs(noise, encode("a red fox", "", model), (7,), 3, 5.0, scheduler)
    return model, decode(denoise(request, model), model)[0].tobytes()
"""
SHOW = "import hashlib; print(hashlib.sha256(generate(sys.argv[1], 'dpmpp_2m')[1]).hexdigest())\n"
MODULES = "print(*sys.modules)\n"


def run(code: str, *arguments: str) -> str:
    """Run code in a new Python process, check that it writes no warnings or errors, and return its output."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


LIGHT = (
    "core.errors",
    "core.devices",
    "core.models.probe",
    "core.models.catalog",
    "core.models.family",
    "core.models.memory",
    "core.models.components",
    "core.text.prompt_weights",
    "core.latents.size",
    "core.denoising.schedulers",
)


def test_modules_needed_for_planning_import_no_heavy_library(model_folder: Callable[[str], Path]) -> None:
    heavy = "('torch', 'numpy', 'PIL', 'diffusers', 'transformers', 'safetensors', 'tokenizers')"
    code = f"import pathlib, sys, {', '.join(LIGHT)}\ncore.models.catalog.card_at(pathlib.Path(sys.argv[1]))\n"
    assert run(f"{code}print([name for name in {heavy} if name in sys.modules])", str(model_folder("sd1"))) == "[]"


@pytest.fixture(scope="module")
def lean(model_folder: Callable[[str], Path]) -> tuple[str, set[str]]:
    """Return an image and the imported modules of a process that uses two schedulers and four models."""
    code = (
        GENERATE
        + "for scheduler in ('ddim', 'dpmpp_sde'): generate(sys.argv[1], scheduler)\n"
        + "for folder in sys.argv[2:]: generate(folder, 'ddim')\n"
    )
    others = (DEFAULT_PATH, model_folder("sdxl"), model_folder("sdxl-refiner"))
    image, modules = run(code + SHOW + MODULES, *map(str, (model_folder("sd1"), *others))).splitlines()
    return image, set(modules.split())


def test_an_image_is_generated_without_the_torch_compiler(lean: tuple[str, set[str]]) -> None:
    dear = {"torch._dynamo", "sympy", "diffusers.models.unets.unet_1d"}
    assert dear & lean[1] == set()


def test_generating_with_the_default_model_a_similar_one_or_sdxl_never_imports_transformers(
    lean: tuple[str, set[str]],
) -> None:
    assert [name for name in lean[1] if name.startswith(("transformers", "diffusers.pipelines"))] == []


def test_a_transformers_text_encoder_is_loaded_offline_and_silently(other_model: Callable[[str], Path]) -> None:
    offline = "import socket\ndef refuse(*_):\n    raise AssertionError('network')\nsocket.socket.connect = refuse\n"
    code = offline + GENERATE + "for folder in sys.argv[1:]: generate(folder, 'ddim')\n" + MODULES
    assert "transformers" in run(code, str(other_model("bert")), str(other_model("t5"))).split()


def test_the_image_is_the_same_with_lean_and_with_ordinary_imports(
    lean: tuple[str, set[str]], model_folder: Callable[[str], Path]
) -> None:
    everything = "import logging; logging.disable(logging.WARNING); import warnings\nwith warnings.catch_warnings():\n"
    everything += "    warnings.simplefilter('ignore')\n    from diffusers import StableDiffusionPipeline\n"
    assert run(everything + GENERATE + SHOW, str(model_folder("sd1"))) == lean[0]


def test_after_lean_imports_every_module_can_still_be_imported(model_folder: Callable[[str], Path]) -> None:
    code = GENERATE + (
        "model, _ = generate(sys.argv[1], 'euler')\n"
        "import logging; logging.disable(logging.WARNING); import warnings; warnings.simplefilter('ignore')\n"
        "import torch, torch._dynamo, scipy.stats, requests\n"
        "from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedModel\n"
        "from diffusers import StableDiffusionPipeline, UNet2DModel, AutoencoderTiny\n"
        "from diffusers.hooks import apply_group_offloading\n"
        "from diffusers.loaders import lora_base\n"
        "from diffusers.models.unets import UNet2DConditionModel\n"
        "assert torch._dynamo.optimize and scipy.stats.norm.cdf(0) == 0.5 and requests.Session\n"
        "assert type(model.unet()) is UNet2DConditionModel\n"
        "tiny = CLIPTextModel(CLIPTextConfig(vocab_size=9, hidden_size=8, intermediate_size=8, num_hidden_layers=1,"
        " num_attention_heads=1))\n"
        "assert isinstance(tiny, lora_base.PreTrainedModel) and not isinstance(3, lora_base.PreTrainedModel)\n"
        "print(model.unet().dtype, model.unet().device)"
    )
    assert run(code, str(model_folder("sd1"))) == "torch.float32 cpu"


def test_the_class_of_unets_is_imported_after_transformers_was_imported_for_a_tokenizer_only() -> None:
    code = "from transformers import CLIPTokenizer\nfrom core.models.diffusers_classes import unet_class\n"
    warnings = "import warnings; warnings.simplefilter('ignore')\n"
    assert run(warnings + code + "print(unet_class().__name__)") == "UNet2DConditionModel"


def test_a_model_in_a_single_file_runs_without_transformers_and_without_diffusers_pipelines(
    folder_and_file: Callable[[str], tuple[Path, Path]],
) -> None:
    single = GENERATE.replace("probe(folder)", "card_of_file(Path(folder))")
    code = "from pathlib import Path\nfrom core.models.cards import card_of_file\n" + single
    modules = run(code + "generate(sys.argv[1], 'euler')\n" + MODULES, str(folder_and_file("sd1")[1])).split()
    assert [name for name in modules if name.startswith(("transformers", "peft", "diffusers.pipelines"))] == []

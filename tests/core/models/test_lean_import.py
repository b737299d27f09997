"""What the core imports, checked in separate processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.models.catalog import DEFAULT_PATH

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

model = LoadedModel(probe(sys.argv[1]), choose_device("cpu"))
noise = make_noise([7], 4, 64, 64, model.card.vae_scale_factor)
request = DenoiseInputs(noise, encode("a red fox", "", model), (7,), 3, 5.0, sys.argv[2])
image = decode(denoise(request, model), model)[0]
"""


def run(code: str, *arguments: str) -> str:
    """Run Python on the code with warnings as errors and return what it prints; anything on standard error fails."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
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


def test_modules_needed_for_planning_import_nothing_heavy(model_folder: Callable[[str], Path]) -> None:
    heavy = "('torch', 'numpy', 'PIL', 'diffusers', 'transformers', 'safetensors', 'tokenizers')"
    code = f"import sys, {', '.join(LIGHT)}\ncore.models.catalog.ModelCatalog().find(sys.argv[1])\n"
    assert run(f"{code}print([name for name in {heavy} if name in sys.modules])", str(model_folder("sd1"))) == "[]"


def test_the_default_model_never_imports_transformers() -> None:
    code = GENERATE + "print([name for name in sys.modules if name.startswith('transformers')])"
    assert run(code, str(DEFAULT_PATH), "ddim") == "[]"


@pytest.mark.parametrize("kind", ["bert", "t5"])
def test_an_encoder_of_transformers_is_loaded_offline_and_silently(
    other_model: Callable[[str], Path], kind: str
) -> None:
    offline = "import socket\ndef refuse(*_):\n    raise AssertionError('network')\nsocket.socket.connect = refuse\n"
    loaded = "print('transformers' in sys.modules)"
    assert run(offline + GENERATE + loaded, str(other_model(kind)), "ddim") == "True"


@pytest.mark.parametrize("scheduler", ["ddim", "dpmpp_sde"])
def test_an_image_is_generated_without_torchs_compiler_and_transformers(
    model_folder: Callable[[str], Path], scheduler: str
) -> None:
    dear = "('torch._dynamo', 'transformers', 'sympy', 'diffusers.models.unets.unet_1d')"
    code = GENERATE + f"print([name for name in {dear} if name in sys.modules])"
    assert run(code, str(model_folder("sd1")), scheduler) == "[]"


def test_a_lean_process_generates_the_same_image_as_one_that_imported_everything(
    model_folder: Callable[[str], Path],
) -> None:
    show = "import hashlib; print(hashlib.sha256(image.tobytes()).hexdigest())"
    everything = "import logging; logging.disable(logging.WARNING); import warnings\nwith warnings.catch_warnings():\n"
    everything += "    warnings.simplefilter('ignore')\n    from diffusers import StableDiffusionPipeline\n"
    folder = str(model_folder("sd1"))
    assert run(GENERATE + show, folder, "dpmpp_2m") == run(everything + GENERATE + show, folder, "dpmpp_2m")


def test_after_lean_imports_everything_can_still_be_imported(model_folder: Callable[[str], Path]) -> None:
    code = GENERATE + (
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
    assert run(code, str(model_folder("sd1")), "euler") == "torch.float32 cpu"

"""Noun phrases that say what a model is."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.models.contents import Contents
from core.models.evidence import Evidence
from core.models.kinds.identify import identify
from core.models.kinds.identity import Identity
from core.models.kinds.titles import describe, name_of_part
from tests.core.models.published_names import published

CASES = {
    "sd1-checkpoint": "Stable Diffusion 1",
    "sdxl-inpainting-checkpoint": "Stable Diffusion XL (inpainting)",
    "flux1-dev": "FLUX.1 (dev)",
    "sd1-lora-kohya": "a LoRA for Stable Diffusion 1",
    "flux1-lora-kohya": "a LoRA for FLUX.1 or Chroma",
    "sdxl-lokr": "a LoKr for Stable Diffusion XL",
    "sd1-ia3": "an (IA)³ for Stable Diffusion 1, Stable Diffusion 2 or Stable Diffusion XL",
    "flux1-dora-onetrainer": "a DoRA for FLUX.1 or Chroma",
    "sd-vae": "a VAE for Stable Diffusion 1, Stable Diffusion 2 or Stable Diffusion XL",
    "taef1": "a VAE for FLUX.1 (taesd)",
    "sdxl-embedding": "an embedding for Stable Diffusion XL",
    "sdxl-controlnet-union": "a ControlNet for Stable Diffusion XL (union)",
    "sd1-ip-adapter-plus": "an IP-Adapter for Stable Diffusion 1 (plus)",
    "clip-g": "the text encoder OpenCLIP bigG",
    "siglip": "the image encoder SigLIP",
    "realesrgan-x4": "an upscaler (ESRGAN, 4x)",
    "gfpgan": "a restorer (GFPGAN)",
    "ltx-video": "a model for another purpose (ltx-video)",
    "class-bert": "a model of an unknown kind",
}


@pytest.mark.parametrize("ident", CASES)
def test_a_model_is_described(ident: str) -> None:
    shapes = published()[ident].shapes
    evidence = Evidence(Path("fox"), "safetensors", Contents(shapes, dict.fromkeys(shapes, "F16")))
    assert describe(identify(evidence)) == CASES[ident]


def test_quantization_and_other_runtimes_are_described() -> None:
    assert describe(Identity("model", "flux1", "dev", quant="gguf")) == "FLUX.1 (dev, gguf)"
    assert describe(identify(Evidence(Path("a.onnx"), "onnx"))) == "a file for ONNX"


def test_missing_parts_have_names() -> None:
    assert [name_of_part(part) for part in ("vae", "t5-xxl", "novel")] == ["a VAE", "T5 XXL", "novel"]

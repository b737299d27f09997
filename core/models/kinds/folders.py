"""Identify folders by the classes that their settings name.

Sources: diffusers pipelines/, models/; transformers models/ (names of classes); peft (adapter_config.json).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.models.evidence import Evidence

from .families import family_of_class

SD_PIPELINES: Final = (
    ("inpainting", ("StableDiffusionInpaint", "StableDiffusionXLInpaint")),
    ("pix2pix", ("StableDiffusionInstructPix2Pix", "StableDiffusionXLInstructPix2Pix")),
    ("depth", ("StableDiffusionDepth2Img",)),
    ("unclip", ("StableUnCLIP",)),
    ("lcm", ("LatentConsistencyModel",)),
    ("", ("StableDiffusion", "AltDiffusion", "SemanticStableDiffusion")),
)
"""Variants by the starts of the names of pipelines of Stable Diffusion 1, 2 and XL; their UNets show the family."""

PIPELINE_VARIANTS: Final = (
    ("kontext", "FluxKontext"), ("fill", "FluxFill"), ("control", "FluxControl"), ("klein", "Flux2Klein"),
    ("layered", "QwenImageLayered"), ("edit", "QwenImageEdit"), ("edit", "ZImageEdit"), ("sprint", "SanaSprint"),
    ("prior", "StableCascadePrior"), ("decoder", "StableCascadeDecoder"), ("edit", "LongCatImageEdit"),
    ("edit", "FluxKontextInpaint"), ("i2v", "WanImageToVideo"), ("vace", "WanVACE"), ("animate", "WanAnimate"),
)  # fmt: skip
"""Variants that only the class of a pipeline names, by the start of its name."""

COMPONENTS: Final = (
    ("model", "", ("UNet2DConditionModel",)),
    ("controlnet", "sd3", ("SD3ControlNet",)),
    ("controlnet", "flux1", ("FluxControlNet", "FluxMultiControlNet")),
    ("controlnet", "qwen-image", ("QwenImageControlNet",)),
    ("controlnet", "z-image", ("ZImageControlNet",)),
    ("controlnet", "hunyuan-dit", ("HunyuanDiT2DControlNet",)),
    ("controlnet", "sana", ("SanaControlNet",)),
    ("controlnet", "", ("ControlNet", "ControlNetUnion", "ControlNetXS", "SparseControlNet")),
    ("t2i-adapter", "", ("T2IAdapter", "MultiAdapter")),
    ("vae", "", ("AutoencoderTiny",)),
    ("vae", "flux2", ("AutoencoderKLFlux2",)),
    ("vae", "qwen-image", ("AutoencoderKLQwenImage",)),
    ("vae", "wan", ("AutoencoderKLWan",)),
    ("vae", "hunyuan-image", ("AutoencoderKLHunyuanImage",)),
    ("vae", "sana", ("AutoencoderDC",)),
    ("vae", "cascade", ("PaellaVQModel",)),
    ("other", "video", ("AutoencoderKL3D", "AutoencoderKLLTX", "AutoencoderKLHunyuanVideo", "AutoencoderKLCogVideoX",
                        "AutoencoderKLMochi", "AutoencoderKLTemporalDecoder", "AutoencoderKLMagvit",
                        "AutoencoderKLCosmos")),
    ("vae", "", ("AutoencoderKL", "AsymmetricAutoencoderKL", "VQModel", "ConsistencyDecoderVAE")),
    ("motion-module", "", ("MotionAdapter",)),
    ("text-encoder", "clip", ("CLIPTextModel",)),
    ("text-encoder", "umt5", ("UMT5EncoderModel", "UMT5Model", "UMT5ForConditionalGeneration")),
    ("text-encoder", "t5", ("T5EncoderModel", "T5ForConditionalGeneration", "T5Model", "MT5")),
    ("text-encoder", "gemma2", ("Gemma2",)),
    ("text-encoder", "gemma3", ("Gemma3",)),
    ("text-encoder", "qwen3-vl", ("Qwen3VL",)),
    ("text-encoder", "qwen3", ("Qwen3",)),
    ("text-encoder", "qwen2.5-vl", ("Qwen2_5_VL",)),
    ("text-encoder", "qwen2", ("Qwen2",)),
    ("text-encoder", "mistral3", ("Mistral3", "Mistral")),
    ("text-encoder", "llama", ("Llama",)),
    ("text-encoder", "glm4", ("Glm",)),
    ("image-encoder", "clip-vision", ("CLIPVision",)),
    ("image-encoder", "siglip", ("Siglip",)),
    ("other", "clip", ("CLIPModel",)),
    ("other", "clipseg", ("CLIPSeg",)),
    ("other", "depth-anything", ("DepthAnything", "DPTForDepthEstimation", "ZoeDepth")),
    ("other", "sam", ("Sam",)),
    ("other", "safety-checker", ("StableDiffusionSafetyChecker",)),
)  # fmt: skip
"""Kinds and families by the starts of the names of classes, the more telling ones first."""

RUNTIMES: Final = {
    "onnx": "ONNX", "tensorrt": "TensorRT", "openvino": "OpenVINO", "coreml": "Core ML", "flax": "Flax",
    "keras": "Keras", "tflite": "TensorFlow Lite", "ncnn": "ncnn", "nemo": "NeMo",
}  # fmt: skip
"""The names of other runtimes, by container."""


def class_in(config: Mapping[str, Any]) -> str:
    """Return the class that a config names, or ""."""
    listed = config.get("architectures")
    first = listed[0] if isinstance(listed, list) and listed else ""
    return str(config.get("_class_name") or first or "")


def number_in(config: Mapping[str, Any], key: str) -> int | None:
    """Return an integer in a config; anything else counts as missing."""
    value = config.get(key)
    return value if isinstance(value, int) else None


def kind_of_class(name: str) -> tuple[str, str] | None:
    """Return the kind and the family of a network's class; the family may be ""."""
    for kind, family, starts in COMPONENTS:
        if name.startswith(starts):
            return kind, family
    denoiser = family_of_class(name)
    return ("model", denoiser) if denoiser else None


def sd_variant(pipeline: str) -> str | None:
    """Return the variant of a pipeline of Stable Diffusion 1, 2 or XL; None if it is not one."""
    if family_of_class(pipeline) is not None:
        return None
    return next((variant for variant, starts in SD_PIPELINES if pipeline.startswith(starts)), None)


def pipeline_variant(pipeline: str) -> str:
    """Return the variant that the class of a pipeline names, or ""."""
    return next((variant for variant, start in PIPELINE_VARIANTS if pipeline.startswith(start)), "")


def unet_family(config: Mapping[str, Any]) -> str:
    """Return the family of a UNet by its config: extra inputs first, then the text's width, then its projections."""
    width = number_in(config, "cross_attention_dim")
    if config.get("addition_embed_type") == "text_time":
        inner = number_in(config, "projection_class_embeddings_input_dim")
        return "sdxl-refiner" if inner == 2560 or width == 1280 else ("kolors" if inner == 5632 else "sdxl")
    if config.get("encoder_hid_dim_type") == "text_proj":
        return "deepfloyd-if"
    if config.get("in_channels") == 7:
        return "sd-x4-upscaler"
    known = {768: "sd1", 1024: "sd2"}.get(width or 0)
    return known or ("sd2" if config.get("use_linear_projection") else "sd1")


def unet_variant(config: Mapping[str, Any]) -> str:
    """Return the variant of a UNet by its config."""
    if config.get("time_cond_proj_dim") is not None:
        return "lcm"
    if config.get("class_embed_type") is not None:
        return "unclip"
    return {9: "inpainting", 8: "pix2pix", 5: "depth"}.get(number_in(config, "in_channels") or 0, "")


def denoiser_of(evidence: Evidence) -> Evidence | None:
    """Return the evidence of a pipeline's denoiser, or None if it has none."""
    return next(
        (
            evidence.components[name]
            for name in ("transformer", "unet", "prior", "decoder")
            if name in evidence.components
        ),
        None,
    )

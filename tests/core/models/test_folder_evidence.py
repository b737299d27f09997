"""Folders are identified by their settings and tensors, and never called broken for being of another kind."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import ModelBroken, ModelMissing, ModelUnsupported
from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at
from core.models.folder_evidence import evidence_of
from core.models.kinds.identify import identify
from core.models.kinds.identity import Identity
from tests.core.models.folders import WEIGHTS, pipeline, write_settings
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published

MATERIAL = Path(__file__).parents[2] / "material"
UNET = {"_class_name": "UNet2DConditionModel", "in_channels": 4, "cross_attention_dim": 768}
XL = {**UNET, "cross_attention_dim": 2048, "addition_embed_type": "text_time"}


def found(folder: Path) -> Identity:
    return identify(evidence_of(folder))


def test_the_built_in_model_is_identified_with_its_parts_and_sizes() -> None:
    model = found(DEFAULT_PATH)
    assert (model.kind, model.family, model.layout, model.missing) == ("model", "sd1", "diffusers", ())
    assert {part.role: part.family for part in model.parts} == {"text-encoder": "clip", "denoiser": "", "vae": ""}
    assert all(part.size_bytes > 1_000_000 for part in model.parts)
    assert model.why == ("its model_index.json names StableDiffusionPipeline",)


@pytest.mark.parametrize(
    ("name", "unet", "expected"),
    [
        ("StableDiffusionPipeline", UNET, ("sd1", "")),
        ("StableDiffusionImg2ImgPipeline", {**UNET, "cross_attention_dim": 1024}, ("sd2", "")),
        ("StableDiffusionPipeline", {**UNET, "cross_attention_dim": 32, "use_linear_projection": True}, ("sd2", "")),
        ("StableDiffusionPipeline", {**UNET, "cross_attention_dim": 32}, ("sd1", "")),
        ("StableDiffusionInpaintPipeline", {**UNET, "in_channels": 9}, ("sd1", "inpainting")),
        ("StableDiffusionInstructPix2PixPipeline", {**UNET, "in_channels": 8}, ("sd1", "pix2pix")),
        ("StableDiffusionDepth2ImgPipeline", {**UNET, "in_channels": 5, "cross_attention_dim": 1024}, ("sd2", "depth")),
        ("StableDiffusionXLPipeline", XL, ("sdxl", "")),
        ("StableDiffusionXLInpaintPipeline", {**XL, "in_channels": 9}, ("sdxl", "inpainting")),
        ("StableDiffusionXLImg2ImgPipeline", {**XL, "cross_attention_dim": 1280}, ("sdxl-refiner", "")),
        ("LatentConsistencyModelPipeline", {**UNET, "time_cond_proj_dim": 256}, ("sd1", "lcm")),
        ("KolorsPipeline", {**XL, "encoder_hid_dim_type": "text_proj"}, ("kolors", "")),
        ("StableDiffusionUpscalePipeline", {**UNET, "in_channels": 7}, ("sd-x4-upscaler", "")),
    ],
)
def test_pipelines_with_a_unet_are_identified_by_its_config(
    name: str, unet: dict[str, Any], expected: tuple[str, str], tmp_path: Path
) -> None:
    model = found(pipeline(tmp_path / "fox", name, unet=unet))
    assert (model.kind, model.family, model.variant) == ("model", *expected)


@pytest.mark.parametrize(
    ("name", "family", "variant"),
    [
        ("StableDiffusion3Pipeline", "sd3", ""),
        ("FluxPipeline", "flux1", ""),
        ("FluxFillPipeline", "flux1", "fill"),
        ("FluxKontextPipeline", "flux1", "kontext"),
        ("Flux2Pipeline", "flux2", ""),
        ("Flux2KleinPipeline", "flux2", "klein"),
        ("ChromaPipeline", "chroma", ""),
        ("ZImagePipeline", "z-image", ""),
        ("QwenImagePipeline", "qwen-image", ""),
        ("QwenImageEditPlusPipeline", "qwen-image", "edit"),
        ("QwenImageLayeredPipeline", "qwen-image", "layered"),
        ("QwenImage21Pipeline", "qwen-image-2.1", ""),
        ("Lumina2Pipeline", "lumina2", ""),
        ("SanaPipeline", "sana", ""),
        ("PixArtSigmaPipeline", "pixart-sigma", ""),
        ("PixArtAlphaPipeline", "pixart-alpha", ""),
        ("HiDreamImagePipeline", "hidream", ""),
        ("AuraFlowPipeline", "auraflow", ""),
        ("CogView4Pipeline", "cogview4", ""),
        ("Krea2Pipeline", "krea2", ""),
        ("WanPipeline", "wan", ""),
        ("HunyuanImagePipeline", "hunyuan-image", ""),
        ("ErnieImagePipeline", "ernie-image", ""),
        ("OvisImagePipeline", "ovis-image", ""),
        ("LongCatImagePipeline", "longcat-image", ""),
        ("GlmImagePipeline", "glm-image", ""),
        ("BriaPipeline", "bria", ""),
        ("PRXPipeline", "prx", ""),
        ("Kandinsky5T2IPipeline", "kandinsky5", ""),
        ("OmniGenPipeline", "omnigen", ""),
        ("StableCascadePriorPipeline", "cascade", "prior"),
    ],
)
def test_other_pipelines_are_identified_by_their_class(name: str, family: str, variant: str, tmp_path: Path) -> None:
    model = found(pipeline(tmp_path / "fox", name, transformer={"_class_name": "SomeTransformer"}))
    assert (model.kind, model.family, model.variant) == ("model", family, variant)


def test_a_pipeline_that_no_rule_knows_is_unknown_and_not_broken(tmp_path: Path) -> None:
    model = found(pipeline(tmp_path / "fox", "NovelPipeline", unet={"_class_name": "NovelNetwork"}))
    assert (model.kind, model.why) == (
        "unknown",
        ("its model_index.json names the class NovelPipeline, which is not supported",),
    )


def test_a_part_that_the_index_lists_and_the_folder_lacks_is_missing(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "fox", "StableDiffusionPipeline", unet=UNET)
    index = json.loads((folder / "model_index.json").read_text())
    write_settings(
        folder / "model_index.json", **index, vae=["diffusers", "AutoencoderKL"], safety_checker=[None, None]
    )
    assert found(folder).missing == ("vae",)


def test_the_prediction_type_is_that_of_the_scheduler(tmp_path: Path) -> None:
    folder = pipeline(
        tmp_path / "fox", "StableDiffusionPipeline", unet=UNET, scheduler={"prediction_type": "v_prediction"}
    )
    assert found(folder).facts == {"channels": 4, "text_width": 768, "prediction": "v_prediction"}


def test_the_type_of_the_denoiser_is_that_of_its_weights_in_shards(tmp_path: Path) -> None:
    folder = pipeline(tmp_path / "fox", "FluxPipeline", transformer={"_class_name": "FluxTransformer2DModel"})
    for number in (1, 2):
        write_safetensors(folder / f"transformer/model-{number}.safetensors", {f"a{number}": (4, 4)}, "BF16")
    names = {"a1": "model-1.safetensors", "a2": "model-2.safetensors"}
    write_settings(folder / "transformer" / f"{WEIGHTS}.index.json", weight_map=names)
    evidence = evidence_of(folder)
    assert evidence.components["transformer"].names == ("a1", "a2")
    assert (identify(evidence).dtype, evidence.size_bytes) == (
        "bf16",
        sum(file.stat().st_size for file in evidence.files),
    )


@pytest.mark.parametrize(
    ("ident", "pipeline_name", "name", "variant"),
    [
        ("flux1-dev-transformer", "FluxPipeline", "", "dev"),
        ("flux1-schnell-transformer", "FluxPipeline", "", "schnell"),
        ("flux1-fill-transformer", "FluxFillPipeline", "", "fill"),
        ("flux1-dev-transformer", "FluxKontextPipeline", "", "kontext"),
        ("flux2-klein-4b-transformer", "Flux2KleinPipeline", "", "klein-4b"),
        ("sd35-large-transformer", "StableDiffusion3Pipeline", "", "3.5-large"),
        ("z-image-transformer", "ZImagePipeline", "Tongyi-MAI/Z-Image-Turbo", "turbo"),
        ("flux1-dev-transformer", "NovelPipeline", "", "dev"),
    ],
)
def test_the_variant_of_a_pipeline_is_that_of_its_tensors_class_or_name(
    ident: str, pipeline_name: str, name: str, variant: str, tmp_path: Path
) -> None:
    folder = pipeline(tmp_path / "0a1b2c", pipeline_name, transformer={"_class_name": "NovelTransformer"})
    write_safetensors(folder / "transformer" / WEIGHTS, published()[ident].shapes)
    model = identify(replace(evidence_of(folder), name=name))
    assert (model.family, model.variant) == (published()[ident].family, variant)


@pytest.mark.parametrize(
    ("config", "ident", "expected"),
    [
        ({"_class_name": "AutoencoderKL"}, "flux1-vae", ("vae", "flux1", "")),
        ({"_class_name": "AutoencoderKL", "latent_channels": 4}, None, ("vae", "sd1", "")),
        ({"_class_name": "AutoencoderKLFlux2"}, "flux2-vae", ("vae", "flux2", "")),
        ({"_class_name": "AutoencoderTiny"}, "taesd", ("vae", "sd1", "taesd")),
        ({"_class_name": "ControlNetModel"}, "sdxl-controlnet", ("controlnet", "sdxl", "")),
        ({"_class_name": "ControlNetModel", "cross_attention_dim": 1024}, None, ("controlnet", "sd2", "")),
        ({"_class_name": "FluxControlNetModel"}, "flux1-controlnet-union", ("controlnet", "flux1", "union")),
        ({"_class_name": "T2IAdapter", "adapter_type": "full_adapter_xl"}, None, ("t2i-adapter", "sdxl", "")),
        ({"_class_name": "T2IAdapter"}, "sd1-t2i-adapter", ("t2i-adapter", "sd1", "")),
        ({"_class_name": "MotionAdapter"}, "sd1-motion-adapter", ("motion-module", "sd1", "")),
        ({"_class_name": "UNet2DConditionModel"}, "sdxl-inpainting-unet", ("model", "sdxl", "inpainting")),
        ({"_class_name": "UNet2DConditionModel", "in_channels": 9}, None, ("model", "sd1", "inpainting")),
        ({"_class_name": "FluxTransformer2DModel"}, "flux1-dev-transformer", ("model", "flux1", "dev")),
        ({"architectures": ["CLIPTextModel"]}, "clip-l", ("text-encoder", "clip-l", "")),
        ({"architectures": ["T5EncoderModel"]}, "t5-xxl", ("text-encoder", "t5-xxl", "")),
        ({"architectures": ["Qwen2_5_VLForConditionalGeneration"]}, None, ("text-encoder", "qwen2.5-vl", "")),
        ({"architectures": ["CLIPVisionModelWithProjection"]}, "clip-vision", ("image-encoder", "clip-vision", "")),
        ({"architectures": ["SiglipVisionModel"]}, "siglip", ("image-encoder", "siglip", "")),
        ({"architectures": ["SamModel"]}, None, ("other", "sam", "")),
        ({"architectures": ["NovelModel"]}, "sd1-ip-adapter", ("ip-adapter", "sd1", "")),
        ({}, "realesrgan-x4", ("upscaler", "esrgan", "")),
    ],
)
def test_a_folder_with_one_network_is_what_its_settings_and_tensors_say(
    config: dict[str, Any], ident: str | None, expected: tuple[str, str, str], tmp_path: Path
) -> None:
    write_settings(tmp_path / "fox/config.json", **config)
    if ident:
        write_safetensors(tmp_path / "fox" / WEIGHTS, published()[ident].shapes)
    part = found(tmp_path / "fox")
    assert (part.kind, part.family, part.variant) == expected


def test_a_peft_folder_and_a_lora_folder_are_loras(tmp_path: Path) -> None:
    write_settings(tmp_path / "peft/adapter_config.json", peft_type="LORA", r=16)
    write_safetensors(tmp_path / "peft/adapter_model.safetensors", published()["flux1-lora-peft"].shapes)
    write_safetensors(tmp_path / "old/pytorch_lora_weights.safetensors", published()["sd1-lora-diffusers-old"].shapes)
    assert [(one.kind, one.family) for one in map(found, (tmp_path / "peft", tmp_path / "old"))] == [
        ("lora", "flux1"),
        ("lora", "sd1"),
    ]


def test_the_trained_lora_and_controlnet_are_identified() -> None:
    lora, controlnet = found(MATERIAL / "lora/pencil_sketch.safetensors"), found(MATERIAL / "controlnet")
    assert (lora.kind, lora.layout, lora.facts["rank"], lora.facts["layers"]) == ("lora", "kohya", 8, 106)
    assert "sd1" in lora.fits
    assert (controlnet.kind, controlnet.layout) == ("controlnet", "diffusers")


@pytest.mark.parametrize(
    ("files", "family"),
    [
        (["model.onnx"], "onnx"),
        (["openvino_model.bin", "openvino_model.xml"], "openvino"),
        (["model.msgpack"], "flax"),
    ],
)
def test_a_folder_for_another_runtime_is_named(files: list[str], family: str, tmp_path: Path) -> None:
    for file in files:
        (tmp_path / file).write_bytes(b"x")
    assert (found(tmp_path).kind, found(tmp_path).family) == ("other", family)


def test_safetensors_win_over_other_formats_in_a_folder(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"x")
    (tmp_path / "model.bin").write_bytes(b"x")
    write_safetensors(tmp_path / "model.safetensors", published()["clip-l"].shapes)
    assert found(tmp_path).family == "clip-l"


def test_a_folder_that_is_no_model_is_unknown(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    why = "it has no model_index.json, no config.json and no single weight file"
    assert (found(tmp_path).kind, found(tmp_path).why) == ("unknown", (why,))


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("model_index.json", "its settings name the class NovelPipeline, which is not supported"),
        ("config.json", "its settings name the class NovelPipeline, which is not supported"),
    ],
)
def test_a_folder_whose_settings_name_an_unknown_class_is_unknown_because_of_it(
    file: str, why: str, tmp_path: Path
) -> None:
    (tmp_path / file).write_text(json.dumps({"_class_name": "NovelPipeline"}))
    assert (found(tmp_path).kind, found(tmp_path).why) == ("unknown", (why,))
    with pytest.raises(ModelUnsupported) as refused:
        card_at(tmp_path)
    assert str(refused.value) == f"{tmp_path} cannot be used: {why}"
    assert refused.value.hint == "`models --kind model` lists the models that generate images"


def test_a_missing_path_and_invalid_settings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        evidence_of(tmp_path / "none")
    (tmp_path / "config.json").write_text("{ half")
    with pytest.raises(ModelBroken, match=r"config.json is broken: this file cannot be read as JSON"):
        evidence_of(tmp_path)

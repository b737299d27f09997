"""Near misses, ties, parts and precision; unknown is an answer of its own, and a whole file is never broken."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.contents import Contents, Shape
from core.models.evidence import Evidence, file_evidence
from core.models.folder_evidence import evidence_of
from core.models.kinds.identify import identify
from core.models.kinds.identity import KINDS, Identity
from tests.core.models.headers import write_safetensors
from tests.core.models.published_names import published

LISTS = published()


def found(
    shapes: Mapping[str, Shape], name: str = "fox", dtype: str = "F16", metadata: Mapping[str, Any] | None = None
) -> Identity:
    """Return what a file with these tensors is."""
    contents = Contents(shapes, dict.fromkeys(shapes, dtype), metadata or {})
    return identify(Evidence(Path(f"{name}.safetensors"), "safetensors", contents))


def shapes_of(*idents: str) -> dict[str, Shape]:
    return {name: shape for ident in idents for name, shape in LISTS[ident].shapes.items()}


def scaled(shapes: Mapping[str, Shape], parts: int) -> dict[str, Shape]:
    """Return tensors of a fraction of the width, as tiny models in tests have them."""
    return {
        name: tuple(max(1, side // parts) if side > 16 else side for side in shape) for name, shape in shapes.items()
    }


def test_a_lora_merged_into_a_checkpoint_leaves_it_a_checkpoint() -> None:
    merged = found({**shapes_of("sd1-checkpoint"), **dict(list(shapes_of("sd1-lora-kohya").items())[:60])})
    assert (merged.kind, merged.family) == ("model", "sd1")


def test_a_lora_with_some_other_tensors_stays_a_lora() -> None:
    assert found({**shapes_of("sd1-lora-kohya"), "lora_unet_conv_in.weight": (320, 4, 3, 3)}).kind == "lora"


@pytest.mark.parametrize(
    ("ident", "family"),
    [
        ("sd1-checkpoint", "sd1"),
        ("sd2-checkpoint", "sd2"),
        ("sdxl-checkpoint", "sdxl"),
        ("sd1-unet", "sd1"),
        ("sd2-unet", "sd2"),
    ],
)
def test_structure_decides_where_widths_are_unusual(ident: str, family: str) -> None:
    tiny = found(scaled(shapes_of(ident), 12))
    assert (tiny.kind, tiny.family) == ("model", family)


@pytest.mark.parametrize(
    "ident", ["flux1-dev", "sd35-medium", "z-image", "qwen-image-transformer", "sdxl-unet", "wan-t2v-1.3b"]
)
def test_a_model_with_fewer_blocks_is_recognized(ident: str) -> None:
    kept = {name: shape for name, shape in shapes_of(ident).items() if not any(f".{n}." in name for n in range(3, 60))}
    kept |= {name: shape for name, shape in shapes_of(ident).items() if "." not in name or name.count(".") == 1}
    assert found(kept).family == LISTS[ident].family


def test_a_checkpoint_has_all_its_parts_and_their_sizes() -> None:
    model = found(shapes_of("sdxl-checkpoint"))
    assert [(part.role, part.family, part.prefix) for part in model.parts] == [
        ("denoiser", "sdxl", "model.diffusion_model."),
        ("vae", "sd1", "first_stage_model."),
        ("text-encoder", "clip-l", "conditioner.embedders.0.transformer."),
        ("text-encoder", "clip-g", "conditioner.embedders.1.model."),
    ]
    assert model.missing == ()
    assert [round(part.size_bytes / 2**20) for part in model.parts] == [4897, 160, 235, 1325]


def test_a_denoiser_alone_names_what_it_lacks() -> None:
    assert found(shapes_of("flux1-dev")).missing == ("vae", "clip-l", "t5-xxl")
    assert found(shapes_of("sdxl-unet")).missing == ("vae", "clip-l", "clip-g")


def test_a_denoiser_with_bundled_parts_lacks_only_the_others() -> None:
    bundle = {f"model.diffusion_model.{name}": shape for name, shape in shapes_of("flux1-dev").items()}
    bundle |= {f"vae.{name}": shape for name, shape in shapes_of("flux1-ae").items()}
    bundle |= {f"text_encoders.clip_l.transformer.{name}": shape for name, shape in shapes_of("clip-l").items()}
    model = found(bundle)
    assert (model.family, model.missing) == ("flux1", ("t5-xxl",))
    assert [part.family for part in model.parts] == ["flux1", "flux1", "clip-l"]


def test_a_text_encoder_of_an_unusual_width_is_not_missing() -> None:
    assert found(scaled(shapes_of("sdxl-checkpoint"), 12)).missing == ()


def test_a_checkpoint_with_an_unknown_denoiser_is_not_its_vae() -> None:
    novel = {f"model.diffusion_model.novel.{n}.weight": (64, 64) for n in range(900)}
    mixed = found({**novel, **{f"first_stage_model.{name}": shape for name, shape in shapes_of("sd-vae-ldm").items()}})
    assert mixed.kind == "unknown"


@pytest.mark.parametrize(
    ("ident", "name", "family"),
    [
        ("sd-vae-ldm", "vae-ft-mse-840000", "sd1"),
        ("sd-vae-ldm", "sdxl_vae", "sdxl"),
        ("sd-vae-ldm", "sdxl-vae-fp16-fix", "sdxl"),
        ("taesd", "taesdxl", "sdxl"),
        ("flux1-ae", "sd3_vae", "sd3"),
        ("wan-vae", "qwen_image_vae", "qwen-image"),
        ("flux1-lora-kohya", "my-chroma-style", "chroma"),
        ("flux1-lora-kohya", "sdxl-style", "flux1"),
        ("flux1-lora-kohya", "flux-to-chroma", "chroma"),
        ("sd-vae-ldm", "my-vae-v2", "sd1"),
        ("sd-vae-ldm", "sd21-vae", "sd2"),
        ("sdxl-checkpoint", "sd15-lookalike", "sdxl"),
    ],
)
def test_the_name_of_a_file_only_decides_a_tie(ident: str, name: str, family: str) -> None:
    assert found(shapes_of(ident), name).family == family


@pytest.mark.parametrize(
    ("ident", "name", "variant"),
    [
        ("sdxl-checkpoint", "sd_xl_turbo_1.0_fp16", "turbo"),
        ("sdxl-checkpoint", "juggernautXL-lightning-4step", "lightning"),
        ("sdxl-checkpoint", "Hyper-SDXL-1step", "hyper"),
        ("sd1-checkpoint", "dreamshaper_LCM", "lcm"),
        ("z-image", "z_image_turbo_bf16", "turbo"),
        ("flux1-dev", "flux1-kontext-dev", "kontext"),
        ("flux2-klein-4b", "flux-2-klein-base-4b", "klein-4b-base"),
        ("sdxl-inpainting-checkpoint", "turbo-inpaint", "inpainting"),
        ("flux1-fill", "flux1-fill-hyper", "fill"),
        ("sd1-checkpoint", "turbulence", ""),
        ("sd1-checkpoint", "hyper-realistic-v2", ""),
    ],
)
def test_a_variant_that_differs_in_training_only_is_that_of_the_name(ident: str, name: str, variant: str) -> None:
    assert found(shapes_of(ident), name).variant == variant


@pytest.mark.parametrize(
    ("ident", "metadata", "family"),
    [
        ("flux1-lora-kohya", {"modelspec.architecture": "chroma/lora"}, "chroma"),
        ("flux1-lora-kohya", {"ss_base_model_version": "sd_v1"}, "flux1"),
        ("sd1-lora-kohya", {"ss_base_model_version": "sdxl_base_v1-0"}, "sd1"),
        ("anima-lora-peft", {"modelspec.architecture": "anima-preview/lora"}, "anima"),
    ],
)
def test_metadata_decides_only_between_families_that_the_layers_allow(
    ident: str, metadata: dict[str, str], family: str
) -> None:
    assert found(shapes_of(ident), metadata=metadata).family == family


def test_metadata_names_the_family_of_an_adapter_whose_layers_show_none() -> None:
    layer = {"lora_unet_odd.lora_down.weight": (4, 8), "lora_unet_odd.lora_up.weight": (8, 4)}
    assert (found(layer).kind, found(layer).family) == ("lora", "")
    assert found(layer, metadata={"ss_base_model_version": "sd_v1"}).family == "sd1"


@pytest.mark.parametrize(
    ("markers", "facts", "variant"),
    [
        ({"v_pred": (0,)}, {"prediction": "v_prediction"}, ""),
        ({"v_pred": (0,), "ztsnr": (0,)}, {"prediction": "v_prediction", "zero_snr": True}, ""),
        ({"edm_vpred.sigma_max": ()}, {"prediction": "edm_v_prediction"}, ""),
        ({"edm_mean": (4,), "edm_std": (4,)}, {"prediction": "edm"}, "playground-2.5"),
        ({}, {}, ""),
    ],
)
def test_marker_tensors_state_the_prediction_type(
    markers: dict[str, Shape], facts: dict[str, Any], variant: str
) -> None:
    model = found({**shapes_of("sdxl-checkpoint"), **markers})
    assert (model.facts, model.variant) == ({"channels": 4, "text_width": 2048, **facts}, variant)


@pytest.mark.parametrize(
    ("ident", "scale"),
    [
        ("realesrgan-x4", 4),
        ("realesrgan-x2", 2),
        ("esrgan-x4-old", 4),
        ("bsrgan", 4),
        ("compact-x4", 4),
        ("span-x2", 2),
    ],
)
def test_the_scale_of_an_upscaler_follows_from_its_layers(ident: str, scale: int) -> None:
    assert found(shapes_of(ident)).facts == {"scale": scale}


def test_an_upscaler_of_an_unknown_architecture_is_an_upscaler() -> None:
    novel = found({"conv_first.weight": (64, 3, 3, 3), "novel.0.weight": (8, 8), "conv_last.weight": (3, 64, 3, 3)})
    assert (novel.kind, novel.family) == ("upscaler", "")


@pytest.mark.parametrize(
    ("extra", "quant"),
    [
        ({"single_blocks.0.linear1.weight.quant_state.bitsandbytes__nf4": (80,)}, "nf4"),
        ({"single_blocks.0.linear1.weight.absmax": (80,), "single_blocks.0.linear1.SCB": (80,)}, "int8"),
        ({"single_blocks.0.linear1.scale_weight": ()}, "fp8"),
        ({"single_blocks.0.linear1.comfy_quant": (80,)}, "comfy"),
        ({"single_blocks.0.linear1.qweight": (8, 8), "single_blocks.0.linear1.wscales": (8, 8)}, "svdquant"),
        ({}, ""),
    ],
)
def test_quantized_weights_are_named(extra: dict[str, Shape], quant: str) -> None:
    model = found({**shapes_of("flux1-dev"), **extra})
    assert (model.family, model.quant) == ("flux1", quant)


def test_an_unknown_file_is_an_answer_of_its_own_with_examples_of_its_names() -> None:
    unknown = found({"alpha.one": (2, 2), "beta.two": (2, 2)})
    assert (unknown.kind, unknown.family, unknown.dtype) == ("unknown", "", "fp16")
    assert unknown.why == ("no rule knows its 2 tensors, such as `alpha.one`, `beta.two`",)
    assert found({"alpha": (2, 2)}).why == ("no rule knows its tensor `alpha`",)


def test_reasons_name_tensors_as_the_file_spells_them() -> None:
    assert found(shapes_of("flux1-dev")).why == (
        "has double_blocks.0.img_attn.norm.key_norm.scale",
        "has img_in.weight",
        "has single_blocks.0.linear1.weight",
        "img_in.weight is 3072x64",
        "has guidance_in.in_layer.weight",
    )
    assert found(shapes_of("flux1-lora-kohya")).why == ("has lora_unet_double_blocks_0_img_attn_proj",)


IDENTS = sorted(LISTS)


@given(
    ident=st.sampled_from(IDENTS),
    seed=st.integers(0, 2**16),
    share=st.floats(0.0, 1.0),
    parts=st.sampled_from([1, 1, 7]),
)
@settings(max_examples=150, deadline=None)
def test_any_part_of_a_valid_header_is_identified_without_an_error(
    ident: str, seed: int, share: float, parts: int
) -> None:
    chosen = random.Random(seed)
    shapes = {name: shape for name, shape in LISTS[ident].shapes.items() if chosen.random() < share}
    identity = found(scaled(shapes, parts))
    assert identity.kind in KINDS
    assert identity.why


@given(names=st.dictionaries(st.text(min_size=1), st.lists(st.integers(0, 2**40), max_size=6).map(tuple), max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_names_and_shapes_are_identified_without_an_error(names: dict[str, Shape]) -> None:
    assert found(names).kind in KINDS


@given(ident=st.sampled_from(IDENTS), share=st.floats(0.1, 1.0))
@settings(max_examples=15, deadline=None)
def test_a_file_with_any_part_of_the_tensors_is_never_broken(
    ident: str, share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shapes = dict(list(LISTS[ident].shapes.items())[: int(share * len(LISTS[ident].shapes))])
    path = write_safetensors(tmp_path_factory.mktemp("any") / "some.safetensors", shapes)
    assert identify(file_evidence(path)).kind in KINDS


def test_a_refiner_of_unusual_widths_is_recognized_by_its_four_levels(
    folder_and_file: Callable[[str], tuple[Path, Path]],
) -> None:
    folder, file = folder_and_file("sdxl-refiner")
    unet = folder / "unet/diffusion_pytorch_model.safetensors"
    assert [identify(evidence_of(path)).family for path in (file, unet)] == ["sdxl-refiner"] * 2
    assert identify(evidence_of(folder_and_file("sdxl")[1])).family == "sdxl"

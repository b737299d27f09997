"""Requests of `/sdapi/v1` as steps."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.language.printer import print_tree
from invokeai_web.compat.automatic1111.errors import SdError
from invokeai_web.compat.automatic1111.requests import ExtraSingle, ImageToImage, TextToImage
from invokeai_web.compat.automatic1111.steps import image_steps, text_steps, upscale_steps
from workflows.importers.parameters import Imported
from workflows.importers.to_pipeline import to_pipeline
from workflows.workspace import Workspace


def line(workspace: Workspace, steps: list[Any]) -> str:
    """Return steps as a line."""
    pipeline, notes = to_pipeline(Imported("", tuple(steps)), workspace.catalog, ["default"], lambda _: True)
    assert notes == ()
    return print_tree(pipeline)


def text(workspace: Workspace, **fields: Any) -> tuple[str, list[str]]:
    """Return the line and the notes for the fields of `txt2img`."""
    steps, notes = text_steps(workspace, TextToImage(**{"prompt": "a fox", **fields}), 7, {})
    return line(workspace, steps), notes


def test_a_prompt_alone_leaves_everything_to_the_model(workspace: Workspace) -> None:
    assert text(workspace) == ('t2i "a fox" --seed 7', [])


def test_samplers_schedules_and_weights_are_translated(workspace: Workspace) -> None:
    found, notes = text(
        workspace, prompt="a ((red)) [fox]", sampler_name="DPM++ 2M", scheduler="karras", steps=5, cfg_scale=6,
        override_settings={"CLIP_stop_at_last_layers": 2},
    )  # fmt: skip
    assert found == (
        't2i "a (red)1.21 (fox)0.909" --steps 5 --guidance 6 --scheduler dpmpp_2m_k --seed 7 --clip-skip 1'
    )
    assert notes == []
    assert "--scheduler euler_a" in text(workspace, sampler_index="Euler a")[0]


def test_hires_fix_is_an_upscale_and_a_second_pass(workspace: Workspace) -> None:
    found, _ = text(workspace, width=64, height=64, enable_hr=True, hr_scale=2, hr_second_pass_steps=3, steps=5)
    first, second, third = found.split(" | ")
    assert first == 't2i "a fox" --steps 5 --seed 7 --width 64 --height 64'
    assert second == "upscale 2"
    assert third == 'i2i "a fox" --steps 3 --seed 7 --width 128 --height 128 --strength 0.75'


def test_img2img_starts_from_the_image_and_a_mask_limits_where_it_changes(workspace: Workspace) -> None:
    fields = {"prompt": "a fox", "init_images": ["x"], "denoising_strength": 0.5, "width": 64, "height": 64}
    steps, _ = image_steps(workspace, ImageToImage(**fields), 7, {}, "house")
    assert line(workspace, steps) == 'load house | i2i "a fox" --seed 7 --strength 0.5 --width 64 --height 64'
    more = {"mask": "x", "mask_blur": 4, "inpainting_mask_invert": 1}
    steps, _ = image_steps(workspace, ImageToImage(**fields, **more), 7, {}, "house", "hole")
    assert line(workspace, steps) == (
        "load hole | resize 64 64 --fit cover | mask-invert | mask-feather 4 as mask | load house | "
        'resize 64 64 --fit cover | inpaint "a fox" --seed 7 --strength 0.5 --mask @mask'
    )


def test_extra_single_image_enlarges_by_a_factor_or_to_a_size(workspace: Workspace) -> None:
    steps = upscale_steps(workspace, ExtraSingle(image="x", upscaling_resize=3, upscaler_1="Lanczos"), "house")
    assert line(workspace, steps) == "load house | upscale 3 lanczos"
    request = ExtraSingle(image="x", resize_mode=1, upscaling_resize_w=90, upscaling_resize_h=80)
    assert line(workspace, upscale_steps(workspace, request, "house")) == "load house | resize 90 80 --fit cover"
    with pytest.raises(SdError, match="there is no upscaler `ESRGAN_4x`"):
        upscale_steps(workspace, ExtraSingle(image="x", upscaler_1="ESRGAN_4x"), "house")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"script_name": "X/Y/Z plot"}, "this server has no scripts, so `X/Y/Z plot` cannot run"),
        (
            {"alwayson_scripts": {"ADetailer": {"args": [True]}}},
            "this server has no scripts, so `ADetailer` cannot run",
        ),
        ({"sampler_name": "Magic"}, "Sampler not found"),
        ({"override_settings": {"sd_model_checkpoint": "sd99"}}, "there is no model `sd99`"),
    ],
    ids=["a script", "an always-on script", "an unknown sampler", "an unknown model"],
)
def test_what_is_not_available_is_refused_by_name(workspace: Workspace, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SdError) as refused:
        text(workspace, **fields)
    assert str(refused.value) == message


def test_what_has_no_effect_is_noted(workspace: Workspace) -> None:
    _, notes = text(
        workspace, prompt="a fox <lora:red:1>", restore_faces=True, sampler_name="DPM fast",
        override_settings={"sd_vae": "x"}, alwayson_scripts={"ControlNet": {"args": []}}, script_name="None",
    )  # fmt: skip
    assert notes == [
        "`<lora:red:1>` is ignored: LoRAs cannot be used yet",
        "the sampler `DPM fast` is not available: `dpmpp_2s` is the closest",
        "`restore_faces` has no effect",
        "the setting `sd_vae` has no effect",
    ]

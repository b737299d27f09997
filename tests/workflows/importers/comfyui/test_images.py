"""ComfyUI's image operations are converted to stages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.importers.comfyui.graphs import LINE, graph, node
from tests.workflows.importers.conftest import Imports


def test_postprocessing_nodes_become_stages(line_of: Imports) -> None:
    line, notes = line_of(
        graph(
            n30=node("UpscaleModelLoader", model_name="4x-UltraSharp.pth"),
            n31=node("ImageUpscaleWithModel", upscale_model=["30", 0], image=["8", 0]),
            n32=node("ImageScale", image=["31", 0], width=1024, height=1536, upscale_method="area", crop="disabled"),
            n33=node("ImageInvert", image=["32", 0]),
            n9=node("SaveImage", images=["33", 0]),
        )
    )
    assert line == f"{LINE} | upscale 4 | resize 1024 1536 --method box | invert"
    assert notes == ("the upscaler `4x-UltraSharp.pth` is not available: `upscale` uses its own method",)


@pytest.mark.parametrize(
    ("kind", "inputs", "stage"),
    [
        ("ImageScale", {"width": 64, "height": 0, "upscale_method": "lanczos", "crop": "disabled"}, "resize 64"),
        ("ImageScale", {"width": 64, "height": 32, "upscale_method": "bicubic", "crop": "center"},
         "resize 64 32 --fit cover --method bicubic"),
        ("ImageScaleBy", {"scale_by": 0.5, "upscale_method": "nearest-exact"}, "scale 0.5 --method nearest"),
        ("ImageBlur", {"blur_radius": 3, "sigma": 1.5}, "blur 4.5"),
        ("ImageCrop", {"width": 64, "height": 32, "x": 8, "y": 0}, "crop 64 32 --left 8 --top 0"),
        ("ImageFlip", {"flip_method": "x-axis: vertically"}, "flip vertical"),
        ("ImageRotate", {"rotation": "90 degrees"}, "rotate 270"),
        ("ImageInvert", {}, "invert"),
    ],
)  # fmt: skip
def test_a_node_that_changes_an_image_becomes_a_stage(
    line_of: Imports, kind: str, inputs: dict[str, Any], stage: str
) -> None:
    found = line_of(graph(n30=node(kind, image=["8", 0], **inputs), n9=node("SaveImage", images=["30", 0])))
    assert found == (f"{LINE} | {stage}", ())


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (node("ImageScale", image=["8", 0], width=8, height=8, upscale_method="odd"),
         "node 30 `ImageScale`: `upscale_method: odd` is not available"),
        (node("ImageSharpen", image=["8", 0], sharpen_radius=1, sigma=0.5, alpha=2),
         "node 30 `ImageSharpen` is not supported: sharpen_radius 1, sigma 0.5, alpha 2"),
        (node("FaceDetailer", image=["8", 0], steps=20, denoise=0.5, seed=7),
         "node 30 `FaceDetailer` is not supported: steps 20, denoise 0.5, seed 7"),
    ],
)  # fmt: skip
def test_an_image_operation_without_an_equivalent_is_noted(line_of: Imports, change: dict[str, Any], note: str) -> None:
    line, notes = line_of(graph(n30=change, n9=node("SaveImage", images=["30", 0])))
    assert line.startswith(LINE)
    assert notes == (note,)


def test_tiled_decoding_becomes_an_option_of_the_last_stage(line_of: Imports) -> None:
    tiled = node("VAEDecodeTiled", samples=["3", 0], vae=["4", 2], tile_size=512, overlap=64)
    assert line_of(graph(n8=tiled)) == (f"{LINE} --tiled", ())
    tiled = node("VAEDecodeTiled", samples=["3", 0], vae=["4", 2], tile_size=256)
    assert line_of(graph(n8=tiled)) == (f"{LINE} --tiled", ("node 8 `VAEDecodeTiled`: not supported: tile_size 256",))


def test_a_sampler_that_also_decodes_is_read_without_a_decoder_node(line_of: Imports) -> None:
    assert line_of(graph(n9=node("SaveImage", images=["3", 5])))[0] == LINE


def test_an_image_that_was_loaded_and_edited_without_sampling_is_converted_to_a_line(line_of: Imports) -> None:
    line, _ = line_of(
        graph(
            n10=node("LoadImage", image="cat.png"),
            n11=node("ImageInvert", image=["10", 0]),
            n9=node("SaveImage", images=["11", 0]),
        )
    )
    assert line == "load cat.png | invert"

"""An inpainted image becomes an `inpaint` stage if its mask file exists; otherwise a note names the missing file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.workflows.importers.comfyui.graphs import graph, node, sampler
from workflows.image_line import line_of_image
from workflows.importers.masks import MISSING
from workflows.workspace import Workspace

SIZE = (64, 64)


@pytest.fixture(autouse=True)
def images(tmp_path: Path) -> None:
    """Create the image that is inpainted, and two masks."""
    Image.new("RGB", SIZE, "red").save(tmp_path / "cat.png")
    Image.new("L", SIZE, 255).save(tmp_path / "mask.png")
    Image.new("RGBA", SIZE, (0, 0, 0, 0)).save(tmp_path / "clear.png")


def comfy(**masks: dict[str, Any]) -> str:
    """Return a graph that inpaints `cat.png` through the mask at node 20."""
    return graph(
        n3=sampler(latent_image=["11", 0]),
        n10=node("LoadImage", image="cat.png"),
        n11=node("SetLatentNoiseMask", mask=["20", 0], samples=["12", 0]),
        n12=node("VAEEncode", pixels=["10", 0]),
        **masks,
    )["prompt"]


def line_of_graph(workspace: Workspace, folder: Path, text: str) -> tuple[str, tuple[str, ...]]:
    (folder / "g.json").write_text(text)
    found = line_of_image(workspace, "g.json")
    assert workspace.plan(found.line).nodes
    return found.line, found.notes


@pytest.mark.parametrize(
    ("masks", "before", "mask"),
    [
        ({"n20": node("LoadImageMask", image="mask.png", channel="red")}, "", "mask.png"),
        (
            {"n20": node("LoadImageMask", image="clear.png", channel="alpha")},
            "load clear.png | mask-from-alpha", "@mask",
        ),
        (
            {"n20": node("ImageToMask", image=["21", 0], channel="red"), "n21": node("LoadImage", image="mask.png")},
            "", "mask.png",
        ),
        (
            {"n20": node("InvertMask", mask=["21", 1]), "n21": node("LoadImage", image="clear.png")},
            "load clear.png | mask-from-alpha | mask-invert", "@mask",
        ),
        (
            {
                "n20": node("GrowMask", mask=["21", 0], expand=4, tapered_corners=True),
                "n21": node("LoadImageMask", image="mask.png", channel="green"),
            },
            "load mask.png | mask-grow 4", "@mask",
        ),
    ],
)  # fmt: skip
def test_a_mask_file_named_in_a_comfyui_graph_is_used_if_it_exists(
    workspace: Workspace, tmp_path: Path, masks: dict[str, Any], before: str, mask: str
) -> None:
    line, notes = line_of_graph(workspace, tmp_path, comfy(**masks))
    begin = f"{before.rpartition('| ')[0]}| {_named(before)} | " if before else ""
    assert line.startswith(f'{begin}load cat.png | inpaint "a fox" ')
    assert f"--mask {mask}" in line
    assert "--strength 1" in line
    assert not any("masked area" in note or "not supported" in note for note in notes)


def _named(stages: str) -> str:
    """Return the last of several stages, followed by `as mask`."""
    last = stages.rpartition("| ")[2]
    return f"{last} as mask"


def test_a_note_names_a_mask_file_that_is_missing(workspace: Workspace, tmp_path: Path) -> None:
    line, notes = line_of_graph(
        workspace, tmp_path, comfy(n20=node("LoadImageMask", image="nowhere.png", channel="red"))
    )
    assert "load cat.png | i2i " in line
    assert MISSING.format("nowhere.png") in notes


def test_the_number_of_pixels_by_which_a_mask_grows_is_converted(workspace: Workspace, tmp_path: Path) -> None:
    text = graph(
        n3=sampler(latent_image=["11", 0]),
        n10=node("LoadImage", image="cat.png"),
        n11=node("VAEEncodeForInpaint", mask=["20", 0], pixels=["10", 0], grow_mask_by=6),
        n20=node("LoadImageMask", image="mask.png", channel="red"),
    )["prompt"]
    line, _ = line_of_graph(workspace, tmp_path, text)
    assert line.startswith("load mask.png | mask-grow 3 as mask | load cat.png | inpaint ")


@pytest.mark.parametrize("name", ["clear.png", "nowhere.png"])
def test_a_mask_from_invokeai_2_is_read_from_the_transparent_area_of_its_file(
    workspace: Workspace, tmp_path: Path, name: str
) -> None:
    info = PngInfo()
    info.add_text("Dream", f'"a fox" -s 20 -S 5 -W 64 -H 64 -I cat.png -M {name} -f 0.6')
    Image.new("RGB", SIZE).save(tmp_path / "made.png", pnginfo=info)
    found = line_of_image(workspace, "made.png")
    if name == "clear.png":
        assert found.line == (
            'load clear.png | mask-from-alpha as mask | load cat.png | inpaint "a fox" --steps 20 --seed 5 '
            "--strength 0.6 --mask @mask"
        )
    else:
        assert found.line.startswith('load cat.png | i2i "a fox" ')
        assert MISSING.format(name) in found.notes


def test_a_mask_in_an_invokeai_graph_is_inverted_because_black_marks_the_area_to_change(
    workspace: Workspace, tmp_path: Path
) -> None:
    from tests.workflows.importers.test_invokeai_graph import LINKS, NODES, server_form

    nodes = NODES | {
        "mask": {"type": "create_denoise_mask", "mask": {"image_name": "mask.png"}},
        "image": {"type": "image", "image": {"image_name": "cat.png"}},
        "encode": {"type": "i2l", "vae": None},
    }
    links = [*LINKS, "mask.denoise_mask > denoise.denoise_mask", "image.image > encode.image",
             "encode.latents > denoise.latents"]  # fmt: skip
    line, _ = line_of_graph(workspace, tmp_path, json.dumps(server_form(nodes, links)))
    assert line.startswith("load mask.png | mask-invert as mask | load cat.png | inpaint ")

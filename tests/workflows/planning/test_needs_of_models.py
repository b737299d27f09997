"""Models that need a mask or an image are refused while a line is planned, before anything is loaded."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace

TinyModel = Callable[[str], Path]

MASK = """\
error: the model `inpaint` is made for inpainting and needs a mask
  {line}
  {caret}
  use `inpaint`, or choose another model with `--model`"""
IMAGE = """\
error: the model `pix2pix` edits images and needs an image to edit
  {line}
  {caret}
  use `i2i` with an image and an instruction, or choose another model with `--model`"""


@pytest.fixture
def models(workspace: Workspace, tiny_model: TinyModel, isolated_home: Path, cat: Path) -> Workspace:
    """Return a workspace with an inpainting model, an editing model and a plain one."""
    folder = isolated_home / "data" / "models"
    folder.mkdir(parents=True, exist_ok=True)
    for recipe in ("inpaint", "pix2pix", "sd1"):
        (folder / recipe).symlink_to(tiny_model(recipe))
    return workspace


@pytest.mark.parametrize(
    ("line", "place", "expected"),
    [
        ("t2i a fox --model inpaint", "inpaint", MASK),
        ("i2i cat.png a fox --model inpaint", "inpaint", MASK),
        ("model inpaint | prompt a fox | noise | denoise | decode", "inpaint", MASK),
        ("t2i a fox --model sd1,inpaint", "t2i", MASK),
        ("t2i a fox --model pix2pix", "pix2pix", IMAGE),
        ("model pix2pix | prompt a fox | noise | denoise | decode", "pix2pix", IMAGE),
    ],
)
def test_a_model_without_the_mask_or_image_that_it_needs_is_refused(
    models: Workspace, line: str, place: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "core.denoising.loop", raising=False)
    with pytest.raises(Refusal) as refused:
        models.plan(line)
    caret = " " * line.index(place) + "^" * len(place)
    assert str(refused.value) == expected.format(line=line, caret=caret)
    assert "core.denoising.loop" not in sys.modules


@pytest.mark.parametrize(
    "line",
    [
        "inpaint cat.png a fox --mask cat.png --model inpaint",
        "i2i cat.png a fox --model inpaint --denoise.mask cat.png",
        "load cat.png | mask-threshold as m | inpaint cat.png a fox --mask @m --model inpaint",
        "i2i cat.png make it snow --model pix2pix",
        "i2i cat.png make it snow --model pix2pix --steps 1",  # the default strength would leave no step
        "inpaint cat.png make it snow --mask cat.png --model pix2pix",
        "i2i cat.png make it snow --model pix2pix --image-guidance 2",
    ],
)
def test_a_model_with_what_it_needs_is_accepted(models: Workspace, line: str) -> None:
    models.plan(line)

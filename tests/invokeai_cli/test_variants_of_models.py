"""Lines with models that edit images, fill masks or need few steps, and with another VAE."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

SIZE = "--width 64 --height 64 --seed 7 --steps 2"


@pytest.fixture
def models(isolated_home: Path, tiny_model: Callable[[str], Path], tmp_path: Path) -> Path:
    """Return the folder of the user's models; there is also an image of a cat, and a mask of its middle."""
    folder = isolated_home / "data" / "models"
    folder.mkdir(parents=True)
    for recipe in ("sd1", "sd2", "inpaint", "pix2pix", "lcm"):
        (folder / recipe).symlink_to(tiny_model(recipe))
    shutil.copytree(tiny_model("sd2") / "vae", folder / "bright")
    Image.radial_gradient("L").resize((64, 64)).convert("RGB").save(tmp_path / "cat.png")
    Image.new("L", (64, 64)).save(tmp_path / "mask.png")
    with Image.open(tmp_path / "mask.png") as mask:
        mask.paste(255, (16, 16, 48, 48))
        mask.save(tmp_path / "mask.png")
    return folder


def pixels(path: Path) -> bytes:
    with Image.open(path) as image:
        return image.convert("RGB").tobytes()


@pytest.mark.usefixtures("models")
def test_an_instruction_edits_an_image(type_: TypeLine, tmp_path: Path) -> None:
    line = "i2i cat.png make it red --model pix2pix --seed 7 --steps 2"
    made = [
        type_(f"{line} | save a.png"),
        type_(f"{line} --image-guidance 4 | save b.png"),
        type_(f"{line} --strength 0.3 | save c.png"),
    ]
    assert [each.status for each in made] == [0, 0, 0]
    assert "ignored: models that edit images by instructions start from noise" in made[2].err
    one, followed, weaker = (pixels(tmp_path / f"{name}.png") for name in "abc")
    assert one == weaker != followed


@pytest.mark.usefixtures("models")
def test_a_model_for_inpainting_fills_the_mask_and_keeps_the_rest(type_: TypeLine, tmp_path: Path) -> None:
    line = "inpaint cat.png a fox --model inpaint --seed 7 --steps 2"
    assert type_(f"{line} --mask mask.png | save a.png").status == 0
    before, after = (Image.frombytes("RGB", (64, 64), pixels(tmp_path / name)) for name in ("cat.png", "a.png"))
    assert before.crop((0, 0, 64, 16)).tobytes() == after.crop((0, 0, 64, 16)).tobytes()
    assert before.crop((16, 16, 48, 48)).tobytes() != after.crop((16, 16, 48, 48)).tobytes()
    refused = type_(line.replace("inpaint cat", "i2i cat"))
    assert (refused.status, refused.err.splitlines()[0]) == (
        2,
        "error: the model `inpaint` is made for inpainting and needs a mask",
    )


@pytest.mark.usefixtures("models")
def test_a_distilled_model_runs_with_its_own_settings(type_: TypeLine) -> None:
    values = {
        (each["node"], each["input"]): each["value"]
        for each in type_("--json", "explain", "t2i a fox --model lcm").document["values"]
    }
    assert [values["1.denoise", name] for name in ("steps", "guidance", "scheduler")] == [4, 8.5, "lcm"]


@pytest.mark.usefixtures("models")
def test_an_image_made_with_another_vae_can_be_made_again_from_its_file(type_: TypeLine, tmp_path: Path) -> None:
    line = f"t2i a fox --model sd1 {SIZE}"
    for name, more in (("own", ""), ("bright", "--vae bright"), ("of-a-model", "--vae sd2")):
        assert type_(f"{line} {more} | save {name}.png").status == 0
    own, bright, lent = (pixels(tmp_path / f"{name}.png") for name in ("own", "bright", "of-a-model"))
    assert bright == lent != own
    with Image.open(tmp_path / "bright.png", formats=["PNG"]) as saved:
        assert "Model: sd1, VAE: bright, " in saved.text["parameters"]  # type: ignore[attr-defined]
    again = type_("line", "bright.png").out.strip()
    assert "--vae bright" in again
    assert type_(again.replace("save bright.png", "save again.png")).status == 0
    assert pixels(tmp_path / "again.png") == bright

"""`line` prints the line of an image of any kind, and `replay` reproduces the image, also with changed inputs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

SMALL = "--steps 1 --width 32 --height 32"
KINDS = {  # a line for each kind of image, and the files that the line reads
    "t2i": (f"t2i a red house --seed 3 {SMALL}", []),
    "i2i": ("i2i house.png a blue house --seed 4 --steps 2", ["house.png"]),
    "inpaint": ("inpaint house.png a sun --mask mask.png --seed 5 --steps 1", ["mask.png", "house.png"]),
    "sheet": (f"range 3 5 | iterate as n | t2i a house --seed @n {SMALL} | collect | grid", []),
}
LOST = "a fox <lora:fur:0.8>\nSteps: 2, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 32x32, Model: dreamshaper_8"


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """Create the two image files that the lines read."""
    Image.radial_gradient("L").resize((32, 32)).convert("RGB").save(tmp_path / "house.png")
    mask = Image.new("L", (32, 32))
    mask.paste(255, (0, 0, 32, 16))
    mask.save(tmp_path / "mask.png")


@pytest.mark.parametrize("kind", KINDS)
def test_an_image_contains_its_line_and_can_be_reproduced(type_: TypeLine, tmp_path: Path, kind: str) -> None:
    line, reads = KINDS[kind]
    assert type_("-q", f"{line} | save made.png").out == "made.png\n"
    printed = type_("line", "made.png")
    assert printed.status == 0
    assert [f"the line reads `{file}`" for file in reads] == printed.err.splitlines()
    if reads:
        refused = type_("replay", "made.png", "--check")
        assert (refused.status, refused.out) == (1, "")
        assert refused.err.endswith(": --allow-files\n")
    allowed = ["--allow-files"] if reads else []
    assert type_("replay", "made.png", "--check", *allowed).out == "made.png: equal\n"
    other = type_("-q", "replay", "made.png", "--set", "steps=3", *allowed)
    assert other.status == 0
    assert "--steps 3 " in type_("line", other.out.strip()).out


def test_settings_of_an_automatic1111_image_that_cannot_be_imported_are_named(type_: TypeLine, tmp_path: Path) -> None:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("parameters", LOST)
    Image.new("RGB", (32, 32)).save(tmp_path / "theirs.png", pnginfo=texts)
    result = type_("line", "theirs.png")
    assert result.out == 't2i "a fox" --steps 2 --guidance 7 --scheduler euler_a --seed 3 --width 32 --height 32\n'
    assert "`<lora:fur:0.8>`" in result.err
    assert "dreamshaper_8" in result.err

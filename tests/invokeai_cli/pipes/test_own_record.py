"""Each saved image records how it was made, even if it has passed through lists, loops and pipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.imaging.metadata import read_texts
from core.imaging.parameters import read_parameters
from tests.invokeai_cli.conftest import TypeLine
from tests.invokeai_cli.pipes.conftest import Pipe

PAINT = '''
from PIL import Image

from invocations.fields import input_field
from invocations.invocation import Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput

COLORS = {"fox": (200, 0, 0), "hare": (0, 200, 0), "owl": (0, 0, 200)}


@invocation("paint", title="Paint", category="generation", examples=("paint fox",))
class Paint(Invocation):
    """Paint an animal."""

    animal: str = input_field(position=1, description="what to paint")
    seed: int = input_field(default=0, description="shade")
    hand: str = input_field(default="left", description="who paints")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        red, green, blue = COLORS[self.animal]
        context.fact("prompt", self.animal)
        context.fact("seed", self.seed)
        context.fact("model", self.hand)
        shade = self.seed + (100 if self.hand == "right" else 0)
        color = (red or shade, green or shade, blue or shade)
        return ImageOutput(image=context.images.put(Image.new("RGB", (8, 8), color)))
'''
COLORS = {(200, 0): "fox", (0, 200): "hare", (0, 0): "owl"}
PAIRS = "zip fox,hare,owl 1,2,3 | iterate as both | pick 0 as animal | pick 1 --collection @both as seed"
LOOP = f"{PAIRS} | paint @animal --seed @seed as pic"
ALL = f"{LOOP} | collect as all"
PICKED = "pick 0 as one | pick 1 --collection @all as two | pick -1 --collection @all as three"
TWO = "paint fox --seed 1 as a | paint owl --seed 3 as c"
HANDS = "zip fox,hare,owl left,right,left | iterate as both | pick 0 as n | pick 1 --collection @both as h"
LINES = (
    LOOP,
    f"{LOOP} | collect",
    f"{LOOP} | collect | iterate | save",
    f"{LOOP} | collect | save",
    f"{LOOP} | collect | iterate | show | save",
    f"{LOOP} | collect | slice",
    f"{LOOP} | collect | slice --step -1 | save",
    f"{ALL} | zip --a @all 1,2,3 | iterate | pick 0 | save",
    f"{ALL} | zip @all | iterate | pick 1 | save",
    f"{ALL} | product @all | iterate | pick 1 | save",
    f"{ALL} | product 1,2 | iterate | pick 0 | save",
    f"{ALL} | list @all | iterate | save",
    f"{ALL} | {PICKED} | list @three @one @two | iterate | save",
    f"{LOOP} | if yes @pic @pic | save",
    f"{LOOP} | if no --then @pic --otherwise @pic | collect | iterate | save",
    f"{TWO} | list @c @a | iterate | save",
    f"{TWO} | if yes @c @a | save",
    f"{TWO} | if no @c @a | save",
    "list 1 2 | iterate as s | list fox hare owl | iterate as n | paint @n --seed @s | collect | iterate | save",
    f"{HANDS} | paint @n --hand @h | collect | slice --step -1 | iterate | save",
)


@pytest.fixture
def paint(isolated_home: Path) -> None:
    folder = isolated_home / "config" / "nodes"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "paint.py").write_text(PAINT)


def checked(folder: Path) -> int:
    """Check each image in a folder against its recorded metadata; return the number of images."""
    files = list(folder.glob("0*.png"))
    for file in files:
        with Image.open(file) as image:
            red, green, blue = image.getpixel((0, 0))  # type: ignore[misc]
        strong = (red == 200) * 200, (green == 200) * 200
        shade = next(value for value in (red, green, blue) if value != 200)
        facts = read_parameters(read_texts(file)["parameters"])
        made = (facts["prompt"], int(facts["seed"]) + (100 if facts["model"] == "right" else 0))
        assert made == (COLORS[strong], shade), file.name
    return len(files)


@pytest.mark.usefixtures("paint")
@pytest.mark.parametrize("line", LINES)
def test_an_image_records_how_it_was_made(type_: TypeLine, tmp_path: Path, line: str) -> None:
    result = type_(line)
    assert (result.status, result.err) == (0, "")
    assert checked(tmp_path) == len(result.out.splitlines())


@pytest.mark.usefixtures("paint")
@pytest.mark.parametrize("line", [LOOP, f"{LOOP} | collect", f"{LOOP} | collect | slice --step -1", LINES[-2]])
@pytest.mark.parametrize("after", ["collect | save", "collect | iterate | save", "save"])
def test_an_image_that_passed_through_a_pipe_records_how_it_was_made(
    pipe: Pipe, tmp_path: Path, line: str, after: str
) -> None:
    result = pipe(line.removesuffix(" | save"), after)
    assert result.status == [0, 0]
    assert checked(tmp_path) == len(result.out.splitlines()) > 0


@pytest.mark.usefixtures("paint")
def test_a_file_name_template_uses_the_values_of_each_image(type_: TypeLine, tmp_path: Path) -> None:
    type_(f"{LOOP} | collect | save '{{prompt}}-{{seed}}.png'")
    assert sorted(path.name for path in tmp_path.glob("*.png")) == ["fox-1.png", "hare-2.png", "owl-3.png"]


@pytest.mark.usefixtures("paint")
def test_collected_images_that_a_later_line_saves_record_how_they_were_made(type_: TypeLine, tmp_path: Path) -> None:
    script = "list fox hare owl as ps\niterate @ps as p | paint @p --seed 7 | collect as pics\niterate @pics | save\n"
    assert type_("-", stdin=script).status == 0
    assert checked(tmp_path) == 6


@pytest.mark.usefixtures("paint")
def test_a_cached_image_records_how_it_was_made(type_: TypeLine, tmp_path: Path) -> None:
    first: Any = type_(f"{LOOP} | collect")
    assert first.status == 0
    assert type_(f"{LOOP} | collect | iterate | save", "--json").status == 0
    assert checked(tmp_path) == 6

"""`{stem}` in the name of a saved image stands for the name of the loaded file; plug-ins may declare more fields."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

REFUSED = """\
error: `{{stem}}` stands for the name of a loaded file, but this image does not come from a file
  {line}
  {caret}
  use another field, such as {{index}} or {{prompt}}
"""


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Return a folder with three images, two of them with the same content."""
    (tmp_path / "in").mkdir()
    for name, color in (("a", "red"), ("b", "blue"), ("c", "red")):
        Image.new("RGB", (8, 8), color).save(tmp_path / "in" / f"{name}.png")
    return tmp_path


def color(path: Path) -> tuple[int, ...]:
    with Image.open(path) as image:
        return image.convert("RGB").getpixel((0, 0))


@pytest.mark.parametrize(
    "line",
    [
        "load 'in/*.png' | scale 2 | save 'out/{stem}.png'",
        "scale 'in/*.png' 2 | save 'out/{stem}.png'",
        "load in/a.png in/b.png in/c.png | scale 2 | save 'out/{stem}.png'",
        "load 'in/*.png' | iterate | blur 1 | scale 2 | collect | save 'out/{stem}.png'",
    ],
)
def test_each_image_is_saved_under_the_name_of_its_source_file(type_: TypeLine, pictures: Path, line: str) -> None:
    """Two files have the same content, and one line uses `collect` after a loop."""
    result = type_(line)
    assert (result.status, result.out.split()) == (0, ["out/a.png", "out/b.png", "out/c.png"])
    assert [color(pictures / "out" / f"{name}.png") for name in "abc"] == [(255, 0, 0), (0, 0, 255), (255, 0, 0)]


def test_an_image_made_from_two_files_is_named_after_the_first_input(type_: TypeLine, pictures: Path) -> None:
    assert type_("load in/a.png | blend in/b.png | save '{stem}-{width}.jpg'").out == "a-8.jpg\n"
    assert type_("load in/b.png as b | load in/a.png | blend @b | save 'x-{stem}.jpg'").out == "x-a.jpg\n"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("load in/a.png | paste in/b.png | save '{stem}.jpg'", "a.jpg"),
        ("load in/a.png | blur 1 | flip | blur 1 | blend in/b.png | save '{stem}.jpg'", "a.jpg"),
        ("load in/b.png as b | load in/a.png | flip | paste @b | save '{stem}.jpg'", "a.jpg"),
        ("load in/a.png | i2i a fox --steps 2 | paste in/b.png | save '{stem}.jpg'", "a.jpg"),
        ("blur 'in/[ab].png' 1 | paste in/c.png | save '{stem}.jpg'", "a.jpg\nb.jpg"),
        ("load in/a.png in/b.png | iterate | paste in/c.png | collect | save '{stem}.jpg'", "a.jpg\nb.jpg"),
        ("load in/a.png as a | blur 1 as soft | if yes @a @soft | paste in/b.png | save '{stem}.jpg'", "a.jpg"),
        ("t2i a fox --steps 1 | paste in/b.png | save '{stem}.jpg'", "b.jpg"),
    ],
)
def test_an_image_is_named_after_the_file_at_the_main_input_even_if_another_file_is_nearer(
    type_: TypeLine, pictures: Path, line: str, name: str
) -> None:
    assert type_("-q", line).out == f"{name}\n"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("scale 'in/*.png' 2", ["000001-a.png", "000002-b.png", "000003-c.png"]),
        ("load 'in/*.png' | iterate | flip | collect", ["000001-a.png", "000002-b.png", "000003-c.png"]),
        ("scale in/b.png 2", ["000001-b.png"]),
        ("blur in/b.png 2 | save out/", ["out/000001-b.png"]),
        ("i2i in/b.png a fox --seed 4", ["000001-4-a-fox-b.png"]),
        ("t2i a fox --seed 4", ["000001-4-a-fox.png"]),
        ("grid 'in/*.png'", ["000001.png"]),
        ("blend in/a.png in/b.png", ["000001.png"]),
        ("load in/a.png as a | blur 1 | blend @a", ["000001-a.png"]),
    ],
)
def test_an_image_without_a_name_of_its_own_is_named_after_the_only_file_that_it_was_made_from(
    type_: TypeLine, pictures: Path, line: str, names: list[str]
) -> None:
    result = type_(line)
    assert (result.status, result.out.split()) == (0, names)


def test_files_with_the_same_name_in_two_folders_do_not_overwrite_each_other(type_: TypeLine, pictures: Path) -> None:
    (pictures / "other").mkdir()
    Image.new("RGB", (8, 8), "green").save(pictures / "other" / "a.png")
    assert type_("flip in/a.png other/a.png").out.split() == ["000001-a.png", "000002-a.png"]
    assert [color(pictures / f"00000{number}-a.png") for number in (1, 2)] == [(255, 0, 0), (0, 128, 0)]
    assert type_("flip in/a.png").out == "000003-a.png\n"


def test_a_template_set_by_the_user_still_determines_every_name(type_: TypeLine, pictures: Path) -> None:
    assert type_("config", "set", "template", "{index:03}.png").status == 0
    assert type_("scale in/b.png 2").out == "001.png\n"


@pytest.mark.parametrize(
    "line",
    [
        "inpaint in/a.png a sun --mask in/c.png --seed 1",
        "load in/c.png as mask | load in/a.png | inpaint a sun --mask @mask --seed 1",
    ],
)
def test_an_inpainted_image_is_named_after_the_image_and_not_after_the_mask(
    type_: TypeLine, pictures: Path, line: str
) -> None:
    assert type_(f"{line} | save '{{stem}}.png'").out == "a.png\n"
    assert type_(line).out == "000001-1-a-sun-a.png\n"


def test_a_mask_that_is_itself_saved_is_named_after_its_file(type_: TypeLine, pictures: Path) -> None:
    assert type_("load in/a.png | mask-threshold | mask-grow 1 | save 'm-{stem}.png'").out == "m-a.png\n"


def test_a_later_line_still_knows_the_name_of_the_loaded_file(type_: TypeLine, pictures: Path) -> None:
    (pictures / "a.inv").write_text(
        "load in/a.png as a\nscale 2 --image @a as big\nsave '{stem}-big.png' --image @big\n"
    )
    assert "a-big.png" in type_("run", "a.inv").out
    result = type_("-", stdin="load in/b.png | flip\n| save '{stem}-flipped.png'\n")
    assert "b-flipped.png" in result.out


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("t2i a fox | save '{stem}.png'", "'{stem}.png'"),
        ("t2i a fox | save fox.png | blur 2 | save 'b-{stem:.3}.png'", "'b-{stem:.3}.png'"),
        ("load - | save '{stem}.png'", "'{stem}.png'"),
    ],
)
def test_the_stem_field_is_refused_if_no_file_was_loaded(type_: TypeLine, pictures: Path, line: str, name: str) -> None:
    caret = " " * line.rindex(name) + "^" * len(name)
    for words in ((line,), ("explain", line)):
        result = type_(*words)
        assert (result.status, result.err) == (2, REFUSED.format(line=line, caret=caret))


def test_a_script_line_that_uses_the_stem_field_without_a_loaded_file_is_refused(
    type_: TypeLine, pictures: Path
) -> None:
    (pictures / "a.inv").write_text(
        "t2i a fox as f\nload in/a.png as a\nsave '{stem}.png' --image @f\nsave '{stem}.png' --image @a\n"
    )
    result = type_("run", "a.inv", "--dry-run")
    assert result.err.count("this image does not come from a file") == 1
    assert result.err.startswith("a.inv:3:6: error: ")


def test_skip_existing_skips_a_line_if_the_file_named_after_the_loaded_file_exists(
    type_: TypeLine, pictures: Path
) -> None:
    (pictures / "a.inv").write_text(
        "load in/a.png | scale 2 | save 'out/{stem}.png'\nload in/b.png | scale 2 | save 'out/{stem}.png'\n"
    )
    assert type_("run", "a.inv").status == 0
    (pictures / "out" / "b.png").unlink()
    result = type_("run", "a.inv", "--skip-existing")
    assert (result.status, result.out) == (0, "out/b.png\n")
    assert sorted(path.name for path in (pictures / "out").iterdir()) == ["a.png", "b.png"]


PALETTE = '''
from invocations.fields import input_field
from invocations.invocation import ImageRef, Invocation, InvocationContext, invocation
from invocations.outputs import ImageOutput


@invocation("palette", title="Palette", category="color"{facts})
class Palette(Invocation):
    """Name the palette of an image."""

    image: ImageRef = input_field(primary=True, description="image")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        context.fact("palette", "warm")
        return ImageOutput(image=self.image)
'''


@pytest.mark.parametrize("facts", ["", ', facts=("palette",)'], ids=["not declared", "declared"])
def test_a_plug_in_must_declare_the_fields_that_it_fills(
    type_: TypeLine, pictures: Path, nodes_folder: Path, facts: str
) -> None:
    (nodes_folder / "palette.py").write_text(PALETTE.replace("{facts}", facts))
    result = type_("load in/a.png | palette | save '{palette}.png'")
    unknown = type_("load in/a.png | save '{paltte}.png'")
    assert (unknown.status, "has an unknown field `paltte`" in unknown.err) == (2, True)
    if facts:
        assert (result.status, result.out) == (0, "warm.png\n")
    else:
        assert (result.status, "has an unknown field `palette`" in result.err) == (2, True)

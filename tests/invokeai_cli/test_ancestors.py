"""The recorded line of a loaded image is copied into every image made from it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.imaging.metadata import read_texts
from invocations.services.images.makings import read_makings
from tests.invokeai_cli.conftest import TypeLine

pytestmark = pytest.mark.usefixtures("scripted")
FOX = "t2i a fox --model default --steps 2 --seed 7"


@pytest.fixture
def fox(type_: TypeLine, tmp_path: Path) -> Path:
    """Generate an image of a fox, saved as `a.png`, and return its path."""
    assert type_(f"{FOX} | save a.png").status == 0
    return tmp_path / "a.png"


def ancestors(path: Path) -> list[dict[str, Any]]:
    return json.loads(read_texts(path).get("invokeai:ancestors", "[]"))  # type: ignore[no-any-return]


def test_an_image_in_another_format_keeps_its_parameters(type_: TypeLine, fox: Path, tmp_path: Path) -> None:
    assert type_("load a.png | save b.jpg").out == "b.jpg\n"
    assert read_texts(tmp_path / "b.jpg")["parameters"] == read_texts(fox)["parameters"]
    assert "a fox" in type_("line", "b.jpg").out


@pytest.mark.parametrize("line", ["load a.png | blur 2 | save b.png", "load a.png | collect | pick 0 | save b.png"])
def test_the_line_that_made_a_loaded_image_is_recorded_as_an_ancestor(
    type_: TypeLine, fox: Path, tmp_path: Path, line: str
) -> None:
    assert type_(line).status == 0
    (making,) = ancestors(tmp_path / "b.png")
    assert (making["source"], making["line"]) == ("a.png", f"{FOX} | save a.png")
    assert making["parameters"] == read_texts(fox)["parameters"] == read_texts(tmp_path / "b.png")["parameters"]
    result = type_("line", "b.png")
    assert result.out.startswith("load a.png | ")
    assert '`a.png` was made by: t2i "a fox" --model default --steps 2 --seed 7 | save a.png' in result.err


def test_ancestors_of_ancestors_are_recorded_too(type_: TypeLine, fox: Path, tmp_path: Path) -> None:
    type_("load a.png | blur 2 | save b.png")
    type_("load b.png | flip | save c.png")
    assert [each["source"] for each in ancestors(tmp_path / "c.png")] == ["b.png", "a.png"]


def test_each_image_that_a_pattern_matches_is_the_ancestor_only_of_the_image_made_from_it(
    type_: TypeLine, fox: Path, tmp_path: Path
) -> None:
    type_("t2i a hare --steps 2 --seed 8 | save b.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "c.png")
    assert type_("load '?.png' | iterate | blur 2 | save 'x{index}.png'").status == 0
    found = [[each["source"] for each in ancestors(tmp_path / f"x{index}.png")] for index in (1, 2, 3)]
    assert found == [["a.png"], ["b.png"], []]


def test_an_image_made_from_two_images_has_both_as_ancestors(type_: TypeLine, fox: Path, tmp_path: Path) -> None:
    type_("t2i a hare --steps 2 --seed 8 | save b.png")
    type_("load a.png as a | load b.png as b | blend @a --image @b | save c.png")
    assert sorted(each["source"] for each in ancestors(tmp_path / "c.png")) == ["a.png", "b.png"]


def test_a_generated_image_records_its_own_prompt_and_its_ancestor(type_: TypeLine, fox: Path, tmp_path: Path) -> None:
    type_("i2i a.png a dog --steps 2 --seed 9 | save d.png")
    assert read_texts(tmp_path / "d.png")["parameters"].startswith("a dog\n")
    assert [each["source"] for each in ancestors(tmp_path / "d.png")] == ["a.png"]


def test_an_image_without_metadata_is_not_recorded_as_an_ancestor(type_: TypeLine, tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    type_("load a.png | blur 2 | save b.png")
    assert "invokeai:ancestors" not in read_texts(tmp_path / "b.png")
    assert "parameters" not in read_texts(tmp_path / "b.png")


def test_if_the_recorded_line_reads_standard_input_the_error_shows_how_to_run_that_line(
    type_: TypeLine, tmp_path: Path
) -> None:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "PNG")
    (tmp_path / "b.png").write_bytes(data.getvalue())
    assert type_("load b.png | blur 2 | save c.png").status == 0
    graph = json.loads(read_texts(tmp_path / "c.png")["invokeai:graph"])
    graph["nodes"]["1"]["inputs"]["source"] = "-"
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("invokeai:graph", json.dumps(graph))
    Image.new("RGB", (8, 8)).save(tmp_path / "d.png", pnginfo=info)
    result = type_("line", "d.png")
    assert (result.status, result.out) == (1, "")
    assert result.err == (
        "error: `d.png` was made from an image on standard input, so its line cannot run by itself\n"
        "  pipe that image in: cat IMAGE | invokeai 'load - | blur 2 | save c.png'\n"
    )


def test_the_metadata_of_a_file_whose_name_is_not_unicode_can_be_stored(fox: Path) -> None:
    odd = fox.with_name("caf\udce9.png")
    fox.rename(odd)
    (making,) = read_makings(odd)
    assert making["source"] == "caf\\udce9.png"
    assert json.dumps(making, ensure_ascii=False).encode()


@pytest.mark.parametrize("rest", ["grid | save sheet.png", "save sheet.png"])
def test_a_file_that_was_mended_before_a_retry_is_an_ancestor_too(
    type_: TypeLine, fox: Path, tmp_path: Path, rest: str
) -> None:
    assert type_("t2i a hare --model default --steps 2 --seed 8 | save b.png").status == 0
    whole, broken = (tmp_path / "b.png").read_bytes(), tmp_path / "b.png"
    broken.write_bytes(b"x")
    line = "load [ab].png | blur 2 | " + rest.replace("sheet", "sheet" if "grid" in rest else "{stem}-blur")
    assert type_(line).status == 3
    broken.write_bytes(whole)
    (saved,) = type_("retry").out.split()
    made = '`b.png` was made by: t2i "a hare" --model default --steps 2 --seed 8 | save b.png'
    shown = type_("line", saved).err
    assert made in shown
    assert ("`a.png` was made by" in shown) == ("grid" in rest)

"""The drawing of the imports: which box a module belongs to, and which boxes are drawn above others."""

from __future__ import annotations

from pathlib import Path

from docs.imports import ROOT, box_of, draw, layers


def test_an_imported_name_belongs_to_the_box_of_its_package_or_module(tmp_path: Path) -> None:
    (tmp_path / "core" / "text").mkdir(parents=True)
    (tmp_path / "core" / "errors.py").touch()
    assert box_of("core.text.clip.encode", tmp_path) == "core.text"
    assert box_of("core.errors.BadSetting", tmp_path) == "core.errors"
    assert box_of("core.nothing", tmp_path) == "core"


def test_each_box_is_above_the_boxes_that_it_imports_and_a_cycle_is_reported() -> None:
    rows, broken = layers({"a", "b", "c"}, {"a": {"b", "c"}, "b": {"c"}})
    assert (rows, broken) == ([["c"], ["b"], ["a"]], [])
    assert layers({"a", "b"}, {"a": {"b"}, "b": {"a"}})[1] == [("b", "a")]


def test_the_drawing_is_up_to_date_and_no_arrow_goes_up_or_closes_a_cycle() -> None:
    drawing, wrong = draw()
    assert wrong == []
    assert (ROOT / "docs" / "imports.svg").read_text("utf-8") == drawing, "run `make imports`"


def test_a_listed_part_of_a_package_has_a_separate_box() -> None:
    assert box_of("invocations.services.images.base.ImageService") == "invocations.services.base"
    assert box_of("invocations.services.images.local") == "invocations.services"

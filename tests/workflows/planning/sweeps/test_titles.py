"""A sheet that shows some axes of a sweep has the values on the other axes as its title."""

from __future__ import annotations

from typing import Any

import pytest

TITLES = (
    ("blur a.png 2,4 | sheet", [], []),
    ("upscale a.png 2,4 | blur 1,2 | collect --by radius | sheet", ["scale"], ["1.iterate.item"]),
    ("upscale a.png 1.5,2 | blur 1,2 | collect --by radius | sheet", ["scale"], ["1.iterate.item"]),
    (
        "upscale a.png 2,3 --tiled=yes,no | blur 1,2 | collect --by radius | sheet",
        ["scale", "tiled"],
        ["1.iterate.item", "1.iterate.2.item"],
    ),
    (
        "upscale a.png 2,3 --method nearest,bicubic --zip scale,method | blur 1,2 | collect --by radius | sheet",
        ["scale", "method"],
        ["1.pick.item", "1.pick.2.item"],
    ),
    (
        "t2i a fox --steps 1,2 --seed 3,4 --negative x --negative y | blur 1,2 | collect --by radius | sheet",
        ["seed", "negative"],
        ["1.iterate.2.item", "1.iterate.3.item"],
    ),
    ("list 'a fox' 'a boat' as p | t2i @p* | blur 1,2 | collect --by radius | sheet", ["prompt"], ["2.iterate.item"]),
    (
        "range 1 3 as n | load a.png | upscale @n* | blur 1,2 | collect --by radius | sheet",
        ["scale"],
        ["3.iterate.item"],
    ),
    ("t2i a f{x} --vary f{x}=a,b | blur 1,2 | collect --by radius | sheet", ["f{x}"], ["1.iterate.item"]),
    ("upscale a.png 2,4 | blur 1,2 | collect --by radius | sheet --title x", [], []),
)


@pytest.mark.parametrize(("line", "names", "items"), TITLES, ids=[case[0] for case in TITLES])
def test_if_each_item_of_an_axis_has_a_sheet_its_title_is_the_item(
    cook: Any, links: Any, line: str, names: list[str], items: list[str]
) -> None:
    made = cook(line)
    found = [node for node in made.nodes if node.type == "format"]
    assert [node.inputs["names"] for node in found] == ([names] if names else [])
    if names:
        assert found[0].inputs["template"] == ", ".join(["{a}", "{b}"][: len(names)])
        name = found[0].id
        to = [f"{item} -> {name}.{place} sweep" for item, place in zip(items, "ab", strict=False)]
        assert [each for each in links(made) if f" {name}." in each or ".title " in each] == [
            *to,
            f"{name}.text -> {made.nodes[-1].id}.title sweep",
        ]

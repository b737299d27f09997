"""A sweep with more than two axes fills several sheets; they are then the main result of the stage."""

from __future__ import annotations

from typing import Any

import pytest

THREE = "t2i a fox --seed 1,2 --steps 10,20 --negative sad --negative dark | sheet"


@pytest.mark.parametrize(
    ("line", "output"),
    [
        (THREE, "sheets"),
        (f"{THREE} --rows steps --columns seed", "sheets"),
        (f"{THREE} --columns 4", "image"),
        ("t2i a fox --seed 1,2 --steps 10,20 | sheet", "image"),
        ("t2i a fox --seed 1,2 --steps 10,20 --negative dark | sheet", "image"),
        ("sheet a.png b.png", "image"),
        (f"{THREE} --rows speed", "sheets"),  # refused later, by a check of the value
    ],
)
def test_several_sheets_are_the_result_if_axes_are_neither_rows_nor_columns(line: str, output: str, cook: Any) -> None:
    assert [offer.output for offer in cook(line).results] == [output]


def test_each_sheet_goes_through_the_stages_after_it(cook: Any, links: Any) -> None:
    assert links(cook(f"{THREE} | blur 2"))[-3:] == [
        "2.collect.collection -> 2.images piped",
        "2.sheets -> 3.iterate.collection each",
        "3.iterate.item -> 3.image piped",
    ]
    assert links(cook(f"{THREE} --columns 4 | blur 2"))[-1] == "5.image -> 6.image piped"

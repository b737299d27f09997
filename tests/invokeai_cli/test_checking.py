"""A model, a scheduler and the name of a file are looked up before anything is drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Type = Callable[..., Any]


@pytest.mark.parametrize(
    ("line", "status", "error"),
    [
        (
            "t2i fox --model defalt",
            4,
            (
                "error: there is no model `defalt`\n"
                "  t2i fox --model defalt\n"
                "                  ^^^^^^\n"
                "  did you mean `default`?\n"
            ),
        ),
        (
            "noise --model defalt",
            4,
            (
                "error: there is no model `defalt`\n"
                "  noise --model defalt\n"
                "                ^^^^^^\n"
                "  did you mean `default`?\n"
            ),
        ),
        (
            "t2i fox --scheduler eulr",
            2,
            (
                "error: there is no scheduler `eulr`\n"
                "  t2i fox --scheduler eulr\n"
                "                      ^^^^\n"
                "  did you mean `euler`?\n"
            ),
        ),
        (
            "t2i fox | upscale 2 lancsoz",
            2,
            (
                "error: there is no upscaler `lancsoz`\n"
                "  t2i fox | upscale 2 lancsoz\n"
                "                      ^^^^^^^\n"
                "  did you mean `lanczos`?\n"
            ),
        ),
        (
            "t2i fox | save fox.gif",
            2,
            (
                "error: `fox.gif` cannot be written: `.gif` is not an image format\n"
                "  t2i fox | save fox.gif\n"
                "                 ^^^^^^^\n"
                "  use one of .png, .jpg, .webp, .tiff, .bmp, .jpeg, .tif, or add `--format png`\n"
            ),
        ),
        (
            "t2i fox | save {seed:zz}.png",
            2,
            (
                "error: `{seed:zz}` cannot format a value such as 1\n"
                "  t2i fox | save {seed:zz}.png\n"
                "                 ^^^^^^^^^^^^^\n"
                "  leave out the part after `:`\n"
            ),
        ),
    ],
)
def test_what_is_not_there_is_refused_before_anything_is_drawn(
    type_: Type, tmp_path: Path, line: str, status: int, error: str
) -> None:
    for words in ((line,), ("explain", line)):
        said = type_(*words)
        assert (said.status, said.out, said.err) == (status, "", error)
    assert list(tmp_path.glob("*.png")) == []


def test_an_unknown_field_of_a_file_name_tells_those_that_there_are(type_: Type) -> None:
    said = type_("t2i fox | save {bogus}.png")
    assert said.status == 2
    assert said.err.startswith("error: the file name `{bogus}.png` has an unknown field `bogus`\n")
    assert "known fields: date, guidance, height, index, model" in said.err


def test_each_thing_that_is_not_there_is_told(type_: Type) -> None:
    said = type_("--json", "t2i fox --model defalt --scheduler eulr | save fox.gif")
    codes = ["model_missing", "unknown_scheduler", "save_failed"]
    assert [error["code"] for error in said.document["errors"]] == codes
    assert said.status == said.document["status"] == 4


def test_a_suffix_of_no_picture_is_a_name_where_the_format_is_said(type_: Type) -> None:
    assert type_("explain", "t2i fox | save fox.bin --format png").status == 0


def test_a_configured_name_that_no_picture_can_get_is_refused_before_one_is_drawn(type_: Type, tmp_path: Path) -> None:
    said = type_("t2i fox --steps 1", INVOKEAI_TEMPLATE="{seed:zz}.png")
    assert (said.status, said.out) == (2, "")
    assert said.err == (
        "error: the setting `template` (INVOKEAI_TEMPLATE): `{seed:zz}` cannot format a value such as 1\n"
        "  leave out the part after `:`\n"
    )

"""Models, schedulers and file names are checked before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine


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
def test_a_missing_name_is_refused_before_anything_runs(
    type_: TypeLine, tmp_path: Path, line: str, status: int, error: str
) -> None:
    for words in ((line,), ("explain", line)):
        result = type_(*words)
        assert (result.status, result.out, result.err) == (status, "", error)
    assert list(tmp_path.glob("*.png")) == []


def test_the_error_for_an_unknown_field_in_a_file_name_lists_the_known_fields(type_: TypeLine) -> None:
    result = type_("t2i fox | save {bogus}.png")
    assert result.status == 2
    assert result.err.startswith("error: the file name `{bogus}.png` has an unknown field `bogus`\n")
    assert "known fields: date, guidance, height, index, model" in result.err


def test_every_missing_name_is_reported(type_: TypeLine) -> None:
    result = type_("--json", "t2i fox --model defalt --scheduler eulr | save fox.gif")
    codes = ["model_missing", "unknown_scheduler", "save_failed"]
    assert [error["code"] for error in result.document["errors"]] == codes
    assert result.status == result.document["status"] == 4


def test_any_file_suffix_is_allowed_if_the_format_option_is_used(type_: TypeLine) -> None:
    assert type_("explain", "t2i fox | save fox.bin --format png").status == 0


def test_an_invalid_configured_template_is_refused_before_anything_runs(type_: TypeLine, tmp_path: Path) -> None:
    result = type_("t2i fox --steps 1", INVOKEAI_TEMPLATE="{seed:zz}.png")
    assert (result.status, result.out) == (2, "")
    assert result.err == (
        "error: the setting `template` (INVOKEAI_TEMPLATE): `{seed:zz}` cannot format a value such as 1\n"
        "  leave out the part after `:`\n"
    )

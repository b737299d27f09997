"""Names of sheets, which hold several images, and names of images whose axes are linked from other stages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

SHEETS = (
    ('t2i a cat --seed 1..2 --steps 2,3 --guidance 2,4 | grid | save "{seed}.png"', "1 2"),
    ('t2i a cat --seed 1..2 --steps 2,3 --guidance 2,4 | grid | save "{axis.seed:03}.png"', "001 002"),
    ('t2i a cat --guidance 2,3 --steps 2,3 --seed 1,2 | grid | save "{guidance}-{prompt}.png"', "2.0-a-cat 3.0-a-cat"),
    ('t2i "a {red|blue} cat" --dynamic --seed 1,2 --steps 2,3 | grid | save "{prompt}.png"', "a-red-cat a-blue-cat"),
    (
        't2i a --seed 1,2 --steps 2,3 --zip steps,seed --width 64,72 --clip-skip 0,1 |grid | save "{steps}-{seed}.png"',
        "2-1 3-2",
    ),
    ('t2i a cat --seed 1,2 --steps 2,3 --guidance 2,4 | grid | blur 1 | save "{seed}.png"', "1 2"),
    ('t2i a cat --seed 1,2 | collect | pick 1 | save "{seed}.png"', "2"),
    ('t2i a cat --seed 1,2 | grid | i2i a dog --seed 5 | save "{seed}.png"', "5"),
)  # fmt: skip


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(("line", "names"), SHEETS, ids=[case[0] for case in SHEETS])
def test_a_field_of_a_sheet_has_the_value_that_all_images_on_the_sheet_share(
    line: str, names: str, type_: TypeLine
) -> None:
    result = type_("-q", line)
    assert result.err == ""
    assert result.out.split() == [f"{name}.png" for name in names.split()]


@pytest.mark.parametrize(
    ("line", "field", "hint"),
    [
        ('t2i a cat --seed 1,2 --steps 2,3 --guidance 2,4 | grid | save "{steps}.png"', "steps", "{axis.seed}"),
        ('t2i cat --seed 1,2 --steps 2,3 --guidance 2,4 | grid | blur 2 | save "{steps}.png"', "steps", "{axis.seed}"),
        ('t2i a cat --seed 1,2 | grid | save "{seed}-{index}.png"', "seed", "{index}"),
        ('t2i a cat --seed 1,2 | grid | save "{seed}.png" --overwrite', "seed", "{index}"),
        ('t2i a red cat --vary red=blue | grid | save "{prompt}.png"', "prompt", "{index}"),
    ],
)  # fmt: skip
def test_a_setting_that_differs_within_a_sheet_is_refused_as_part_of_the_name(
    line: str, field: str, hint: str, type_: TypeLine
) -> None:
    result = type_(line)
    assert result.status == 2
    assert result.err.startswith(f"error: `{{{field}}}` is not the same for all images on a sheet\n")
    assert result.err.splitlines()[-1].startswith(f"  use `{hint}`")


LINKED = (
    ('load-lines p.txt as p | t2i @p* --seed 4 | save "{row}.png"', "prompt"),
    ('load-lines p.txt as p | t2i @p* --seed 4 | save "{seed}.png"', "prompt"),
    ('dynamic "a {red|blue} cat" as p | t2i @p* --seed 1 | save "{seed}.png"', "prompt"),
    ('sweep seed=1,2 steps=2,3 | t2i a cat | i2i a dog --steps 2 | save "{seed}-{steps}.png"', "steps"),
    ('t2i a cat --steps 2,3 | i2i a dog | save "{steps}.png"', "steps"),
    ('t2i a cat --seed 1,2 | i2i a dog --seed 5 | save "{seed}.png"', "seed"),
    ('t2i --prompt "a cat" --prompt "a dog" | i2i a boat | save "{prompt}.png"', "prompt"),
    ('t2i a cat --seed 1,2 --steps 2,3 --guidance 2,4 | grid | save "{prompt}.png"', "seed"),
)


@pytest.mark.parametrize(("line", "axis"), LINKED, ids=[case[0] for case in LINKED])
def test_a_name_without_the_values_that_a_link_carries_is_refused(
    line: str, axis: str, type_: TypeLine, tmp_path: Path
) -> None:
    (tmp_path / "p.txt").write_text("a cat\na dog\na boat\n")
    result = type_(line)
    name = line.split("save ")[1].strip('"')
    assert result.status == 2
    assert result.err.startswith(f"error: the name `{name}` is the same for every value of `{axis}`\n")
    assert f"add `{{axis.{axis}}}` or `{{index}}` to the name\n" in result.err


@pytest.mark.usefixtures("scripted")
def test_a_name_without_the_value_of_an_axis_is_accepted_if_the_axis_has_one_item(type_: TypeLine) -> None:
    assert type_("-q", 'list "a cat" as p | t2i @p* --seed 4 | save "{seed}.png"').out == "4.png\n"


def test_the_hint_for_a_row_does_not_claim_that_there_is_only_one_axis(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("a cat\na dog\n")
    result = type_('load-lines p.txt as p | t2i @p* --seed 1,2 | save "{row}.png"')
    assert result.err.splitlines()[-1] == "  add `{axis.seed}` or `{index}` to the name"


@pytest.mark.parametrize("field", ["axis.prompt+seed", "axis.whom"])
def test_the_known_fields_of_a_table_are_its_columns(field: str, type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text("prompt,seed,who\na cat,1,tom\na dog,2,rex\n")
    result = type_(f'sweep j.csv | t2i | save "{{{field}}}-{{mood}}.png"')
    assert f"has an unknown field `{field}`" in result.err
    assert (
        type_('sweep j.csv | t2i | save "{mood}.png"')
        .err.splitlines()[-1]
        .startswith("  known fields: axis.prompt, axis.seed, axis.who, col, date, ")
    )

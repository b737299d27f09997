"""File names in sweeps with one item, with a single axis, and with columns that only a file name uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

JOBS = "prompt,seed,name\na cat,1,alpha\na boat,2,beta\n"
ONE_ITEM = (
    "t2i a cat --seed 1..1 | save k.png",
    "t2i a cat --seed 1x | save k.png",
    "sweep seed=1..4 --limit 1 | t2i a cat | save k.png",
    "sweep seed=1..4 --where 'seed == 2' | t2i a cat | save k.png",
    't2i "a {cat}" --dynamic | save k.png',
    "range 1 2 | iterate as n | t2i a cat --seed @n | save k.png",
)


@pytest.fixture(autouse=True)
def table(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(JOBS)


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize("line", ONE_ITEM)
def test_the_only_item_of_a_sweep_can_have_a_fixed_name(type_: TypeLine, line: str) -> None:
    result = type_("-q", line)
    assert (result.status, result.out, result.err) == (0, "k.png\n", "")


@pytest.mark.usefixtures("scripted")
def test_a_fixed_name_of_the_only_item_does_not_replace_a_file(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "k.png").write_bytes(b"kept")
    assert type_(ONE_ITEM[0]).err.startswith("error: `k.png` already exists\n")
    assert (tmp_path / "k.png").read_bytes() == b"kept"


def test_two_items_cannot_have_the_same_fixed_name(type_: TypeLine) -> None:
    result = type_("t2i a cat --seed 1..2 | save k.png")
    assert result.err.startswith("error: each image of the sweep would be saved as `k.png`\n")


def test_the_name_of_a_column_as_a_field_is_corrected(type_: TypeLine) -> None:
    result = type_('sweep jobs.csv | t2i | save "{name}.png"')
    assert result.status == 2
    assert result.err.startswith("error: the file name `{name}.png` has an unknown field `name`\n")
    assert result.err.endswith("  did you mean `axis.name`?\n")


def test_an_unknown_field_lists_the_columns_of_the_table(type_: TypeLine) -> None:
    result = type_('sweep jobs.csv | t2i | save "{axis.xyzzy}-{axis.name}.png"')
    assert "axis.name" in result.err.splitlines()[-1]


def test_the_row_of_a_single_axis_is_refused_with_a_hint_that_works(type_: TypeLine, scripted: None) -> None:
    result = type_('sweep jobs.csv | t2i | save "{row}.png"')
    assert result.status == 2
    assert "with a single axis, `{col}` is the position on it and `{row}` is 1; add" in result.err
    assert type_("-q", 'sweep jobs.csv | t2i | save "{col}.png"').out == "1.png\n2.png\n"


@pytest.mark.usefixtures("scripted")
def test_an_axis_with_one_value_counts_for_the_row_and_the_column(type_: TypeLine) -> None:
    result = type_("-q", 't2i a cat --seed 5..6 --steps 2..2 | save "{row}.png"')
    assert (result.status, result.out) == (0, "1.png\n2.png\n")
    refused = type_('t2i a cat --seed 5..6 --steps 2..2 | save "{col}.png"')
    assert refused.err.startswith("error: the name `{col}.png` is the same for every value of `seed`\n")

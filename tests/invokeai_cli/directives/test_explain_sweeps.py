"""`explain` counts the images of a sweep, and how many of them are cached."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

SMALL = "--steps 1 --width 64 --height 64"


def images(type_: TypeLine, line: str) -> str:
    return next(each for each in type_("explain", line).out.splitlines() if each.startswith("images: "))


def test_the_number_of_images_is_the_product_of_the_axis_lengths(type_: TypeLine) -> None:
    assert images(type_, "t2i a fox --steps 10..50/5 --seed 1..3") == "images: 5 x 3 = 15"
    assert images(type_, "t2i a fox --steps 1,2 --seed 1,2 --zip steps,seed") == "images: 2"


def test_the_items_of_a_sweep_that_a_sheet_gathers_are_counted(type_: TypeLine) -> None:
    line = "t2i a fox --steps 10,20,30 --seed 1..200 | grid"
    assert images(type_, line) == "images: 1, from 3 x 200 = 600 items; needs --yes in a script"
    assert images(type_, "t2i a fox --seed 1..8 | grid") == "images: 1, from 8 items"
    three = "t2i a fox --seed 1..3 --steps 1,2 --guidance 2,3 | grid"
    for rest in ("", " | save s-{index}.png", " | blur 2 | save s-{index}.png"):
        assert images(type_, three + rest) == "images: 3, from 3 x 2 x 2 = 12 items"
    assert images(type_, f"{three} --rows guidance --columns seed") == "images: 2, from 3 x 2 x 2 = 12 items"
    assert images(type_, f"{three} | blur 1,2") == "images: 6, from 3 x 2 x 2 = 12 items"


def test_the_number_of_sheets_is_unknown_if_it_depends_on_a_file(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("a fox\na boat\n")
    line = "load-lines p.txt as p | t2i @p* --seed 1..3 --steps 1,2 | grid"
    assert images(type_, line).startswith("images: n")


def test_explain_says_that_a_script_would_refuse_a_large_sweep(type_: TypeLine) -> None:
    line = "t2i a fox --steps 10..50/5 --seed 1..100"
    assert images(type_, line) == "images: 5 x 100 = 500; needs --yes in a script"


def test_the_files_that_match_a_pattern_form_an_axis(type_: TypeLine, fox: Path) -> None:
    fox.with_name("ox.png").write_bytes(fox.read_bytes())
    assert images(type_, "blur '*.png' 1,2,3") == "images: 2 x 3 = 6"


def test_the_axes_and_how_often_each_node_runs_are_shown(type_: TypeLine) -> None:
    lines = type_("explain", "t2i a fox --steps 10,20 --seed 1..100").out.splitlines()
    rows = [" ".join(line.split()) for line in lines]
    assert "sweep: steps (2 values) x seed (100 values)" in rows
    assert "1.iterate iterate the following nodes run for each of 2 values" in rows
    assert "1.noise noise runs 100 times (seed)" in rows
    assert "1.denoise denoise runs 2 x 100 times (steps x seed)" in rows
    zipped = type_("explain", "t2i a fox --steps 1,2 --seed 3,4 --zip steps,seed").out
    assert zipped.startswith("sweep: steps and seed (2 values)\n")


def test_the_summary_of_a_sweep_comes_before_its_nodes(type_: TypeLine) -> None:
    type_(f"t2i a fox --seed 1 {SMALL} | save a.png")
    lines = type_("explain", "t2i a fox --steps 10..50/5 --seed 1..100").out.splitlines()
    assert lines[:2] == [
        "sweep: steps (5 values) x seed (100 values)",
        "images: 5 x 100 = 500; needs --yes in a script",
    ]
    assert [line.partition(": ")[0] for line in lines[2:6]] == ["time", "memory", "", "node"]
    assert type_("explain", "t2i a fox").out.splitlines()[0] == "node"


def test_the_nodes_of_a_sweep_are_shown_without_empty_lists(type_: TypeLine) -> None:
    assert " []  default" not in type_("explain", "t2i a fox --seed 1..3 | grid").out


def test_a_sweep_after_another_one_does_not_multiply_it(type_: TypeLine) -> None:
    def shown(line: str) -> list[str]:
        lines = type_("explain", line).out.splitlines()
        return [each for each in lines if each.startswith(("sweep: ", "images: "))]

    assert shown("t2i a fox --seed 1..4 --steps 1,2 | grid | blur 1,2,3") == [
        "sweep: seed (4 values) x steps (2 values), then radius (3 values)",
        "images: 3, from 4 x 2 = 8 items",
    ]
    sheets = "t2i a fox --seed 1..3 --steps 1,2 --guidance 2,3 | grid | save {axis.seed}.png"
    assert shown(sheets) == [
        "sweep: seed (3 values) x steps (2 values) x guidance (2 values)",
        "images: 3, from 3 x 2 x 2 = 12 items",
    ]


def test_an_axis_whose_length_is_not_known_is_shown_as_n(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text("a fox\n")
    lines = type_("explain", "load-lines p.txt as p | t2i @p* --seed 1,2").out.splitlines()
    assert "sweep: prompt (n values) x seed (2 values)" in lines
    assert "images: n x 2" in lines


def test_a_long_list_of_values_is_shortened_except_in_json(type_: TypeLine) -> None:
    line = "t2i a fox --seed 1..100 --steps 2,3 | grid"
    rows = [" ".join(each.split()) for each in type_("explain", line).out.splitlines()]
    assert "values [1, 2, 3 ... 100] (100 values) sweep" in rows
    assert "values [2, 3] sweep" in rows
    assert "axes seed: 1, 2, 3 ... 100 (100 values); steps: 2, 3 sweep" in rows
    values = {each["input"]: each["value"] for each in type_("--json", "explain", line).document["values"]}
    assert [len(axis["labels"]) for axis in values["axes"]] == [100, 2]


TEMPLATE = 't2i "a {red|blue|green|pink} {boat|cat|dog}" --dynamic=3'
DETERMINED = (
    f"{TEMPLATE} --seed 3",
    "t2i a fox --guidance 2..12?3 --seed 4",
    "t2i a fox --seed 1,2 --guidance 2..12?3",
)
RANDOM = (  # a line, and the inputs whose values are random
    (TEMPLATE, ["values", "seed"]),
    ("t2i a fox --seed 3x", ["values"]),
    ("t2i a fox --guidance 2..12?3", ["values", "seed"]),
    ("t2i a fox --seed 3x --guidance 2..12?2 --steps 1,2", ["values", "values"]),
    ("t2i a fox --seed 3x --steps 1..3 --zip seed,steps", ["values"]),
    ("sweep seed=3x | t2i a fox", ["values"]),
    ("t2i a fox", ["seed"]),
)


@pytest.mark.parametrize("line", DETERMINED)
def test_explain_shows_the_drawn_values_of_a_written_seed(type_: TypeLine, line: str) -> None:
    first, second = (type_("--json", "explain", f"{line} | grid").document["values"] for _ in range(2))
    assert first == second
    assert not [each for each in first if each["origin"] == "drawn"]


@pytest.mark.parametrize(("line", "inputs"), RANDOM)
def test_explain_shows_no_values_that_the_run_would_draw_again(type_: TypeLine, line: str, inputs: list[str]) -> None:
    rest = " | grid" if "values" in inputs else ""
    first, second = (type_("--json", "explain", line + rest).document["values"] for _ in range(2))
    assert first == second
    assert [each["input"] for each in first if each["origin"] == "drawn"] == inputs
    shown = type_("explain", line + rest).out
    assert shown.count("random (picked when the line runs)") == len(inputs)
    labels = [axis["labels"] for each in first if each["input"] == "axes" for axis in each["value"]]
    assert (None in labels) == ("values" in inputs) == ("(known when the line runs)" in shown)


def test_explain_shows_the_prompts_that_the_line_draws(type_: TypeLine, scripted: None) -> None:
    values = type_("--json", "explain", f"{TEMPLATE} --seed 5").document["values"]
    prompts = next(each["value"] for each in values if each["input"] == "values")
    names = type_("-q", f"{TEMPLATE} --seed 5 | save '{{index}}-{{prompt}}.png'").out.split()
    assert [name.partition("-")[2] for name in names] == [f"{prompt.replace(' ', '-')}.png" for prompt in prompts]


def test_explain_says_why_the_time_for_a_new_image_size_is_unknown(type_: TypeLine) -> None:
    type_(f"t2i a fox --seed 1 {SMALL} | save a.png")
    lines = type_("explain", f"t2i a fox --seed 1..3 {SMALL.replace('64', '64,72')}").out.splitlines()
    assert "time: unknown, as `denoise` has not run at 64x72 with the model `default` yet" in lines


def test_the_images_that_are_cached_are_counted(type_: TypeLine) -> None:
    type_(f"t2i a fox --seed 1,2 --guidance 4 {SMALL} | save {{seed}}.png")
    line = f"t2i a fox --seed 1..3 --guidance 4,5 {SMALL}"
    assert images(type_, f"t2i a fox --seed 1..3 --guidance 4 {SMALL}") == "images: 3, 2 cached"
    assert images(type_, line) == "images: 3 x 2 = 6, 2 cached"
    assert type_("--json", "explain", line).document["cached_images"] == 2

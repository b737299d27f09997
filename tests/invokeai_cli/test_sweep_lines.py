"""Lines that begin with `sweep`, typed and run."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine


@pytest.mark.parametrize(
    ("line", "out"),
    [
        ("sweep a=1..3 b=10,20 | add", "11 21 12 22 13 23"),
        ("sweep a=1..3 b=10,20 | add | collect | length", "6"),
        ("sweep a=1..3 b=1,2,3 --zip a,b | mul", "1 4 9"),
        ("sweep a=1..3 b=1,2 --zip a,b --zip-short | mul", "1 4"),
        ("sweep a=1..3 b=10,20 --where 'a < 2 or b == 10' | add", "11 21 12 13"),
        ("sweep a=1..3 b=10,20 --limit 4 | add | collect", "11 21 12 22"),
        ("sweep a=1..3 b=.5,1 --where 'a * b >= 1' | mul", "1 1.0 2 1.5 3"),
        ("sweep text='a b' 'c d' | split | join -", "a-b c-d"),
    ],
)
def test_the_results_of_a_sweep_are_in_the_order_of_its_axes(type_: TypeLine, line: str, out: str | None) -> None:
    done = type_(line)
    if out is not None:
        assert (done.status, done.out.split(), done.err) == (0, out.split(), "")


def test_the_words_of_a_sweep_can_be_typed_in_a_shell(type_: TypeLine) -> None:
    done = type_("sweep", "a=1..3", "b=10", "|", "add")
    assert (done.status, done.out) == (0, "11\n12\n13\n")


def test_the_help_option_of_sweep_shows_the_help_page_of_sweep(type_: TypeLine) -> None:
    page = type_("help", "sweep")
    assert page.out.startswith("usage: sweep NAME=VALUES... [OPTIONS] | COMMAND ...\n")
    assert type_("sweep", "--help").out == type_("sweep seed=1..3 --help | t2i a fox").out == page.out


def test_axes_can_feed_two_stages_and_the_cells_of_excluded_items_stay_empty(type_: TypeLine, tmp_path: Path) -> None:
    line = (
        'sweep seed=1..4 strength=.3,.5,.7 --where "strength < .6 or seed == 1" | t2i a boat --steps 4 '
        "| i2i a ship --steps 4 | grid | save sheet.png"
    )
    done = type_(line, folder=tmp_path)
    assert (done.status, done.out) == (0, "sheet.png\n")
    with Image.open(tmp_path / "sheet.png") as sheet:
        width, height = sheet.size
        cells = sheet.convert("RGB").crop((width - 80, height - 80, width - 10, height - 10))
        assert cells.getcolors() == [(4900, (255, 255, 255))]


def test_every_prompt_of_a_file_is_drawn_with_each_seed(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("a house\na boat\n")
    done = type_("load-lines prompts.txt as p | t2i @p* --seed 1..2 --steps 1 | save {row}-{seed}.png", folder=tmp_path)
    assert (done.status, done.out.split()) == (0, ["1-1.png", "1-2.png", "2-1.png", "2-2.png"])


def test_each_row_of_a_table_is_an_image(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(
        'prompt;seed;steps;width;name\na house;1;1;64;first\n"a boat; blue";2;2;128;second\n'
    )
    done = type_("sweep jobs.csv | t2i --height 64 | save {axis.name}.png", folder=tmp_path)
    assert (done.status, done.out.split()) == (0, ["first.png", "second.png"])
    for name, size in zip(done.out.split(), [(64, 64), (128, 64)], strict=True):
        with Image.open(tmp_path / name) as image:
            assert image.size == size


def test_extending_a_sweep_draws_only_the_new_images(type_: TypeLine, tmp_path: Path) -> None:
    def drawn(line: str) -> int:
        events = type_("--events", line, folder=tmp_path).events
        finished = [event for event in events if event.get("event") == "node_finished"]
        return sum(event["node_type"] == "denoise" and not event["reused"] for event in finished)

    assert drawn("sweep seed=1..2 guidance=3,4 | t2i a fox --steps 1") == 4
    assert drawn("sweep seed=1..3 guidance=3,4 | t2i a fox --steps 1") == 2
    assert drawn("sweep seed=1..3 guidance=3,4 --where 'seed > 1' | t2i a fox --steps 1") == 0


def test_a_script_runs_again_if_a_table_or_a_text_file_has_changed(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "s.inv").write_text("sweep jobs.csv | add\nload-lines prompts.txt | join /\n")
    (tmp_path / "jobs.csv").write_text("a,b\n1,2\n")
    (tmp_path / "prompts.txt").write_text("a fox\n")
    assert type_("run", "s.inv", folder=tmp_path).out == "3\na fox\n"
    (tmp_path / "jobs.csv").write_text("a,b\n1,2\n3,4\n")
    assert type_("run", "s.inv", folder=tmp_path).out == "3\n7\na fox\n"
    (tmp_path / "prompts.txt").write_text("a fox\na boat\n")
    os.utime(tmp_path / "prompts.txt", (time.time() + 60, time.time() + 60))
    assert type_("run", "s.inv", folder=tmp_path).out == "3\n7\na fox/a boat\n"


def test_a_script_runs_again_if_a_wildcard_file_has_changed(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "s.inv").write_text('dynamic "a __beast__" --wildcards words | join /\n')
    words = tmp_path / "words"
    words.mkdir()
    (words / "beast.txt").write_text("fox\nhen\n")
    for path in (words / "beast.txt", words):
        os.utime(path, (1, 1))
    assert type_("run", "s.inv", folder=tmp_path).out == "a fox/a hen\n"
    (words / "beast.txt").write_text("cow\n")
    os.utime(words / "beast.txt", (time.time() + 60, time.time() + 60))
    assert type_("run", "s.inv", folder=tmp_path).out == "a cow\n"


def test_templates_in_a_file_are_expanded_to_an_axis_of_prompts(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("a {red|blue} house\na boat\n")
    done = type_("load-lines prompts.txt | dynamic | t2i --seed 7 --steps 1 | save {prompt}.png", folder=tmp_path)
    assert (done.status, done.out.split()) == (0, ["a-red-house.png", "a-blue-house.png", "a-boat.png"])


def test_the_seed_of_random_prompts_is_shown(type_: TypeLine, tmp_path: Path) -> None:
    done = type_('t2i "a {red|blue} house" --dynamic=2 --steps 1', folder=tmp_path)
    (file, _) = done.out.split()
    assert f"seed {file.split('-')[1]}\n" in done.err


def test_typing_a_line_again_draws_the_same_prompts_from_the_cache(type_: TypeLine, tmp_path: Path) -> None:
    def computed(line: str) -> int:
        events = type_("--events", line, folder=tmp_path).events
        finished = [event for event in events if event.get("event") == "node_finished"]
        return sum(event["node_type"] == "denoise" and not event["reused"] for event in finished)

    line = 't2i "a {red|blue} {house|boat}" --dynamic=6 --steps 1 --seed 7'
    assert [computed(line), computed(line), computed(f"{line},8")] == [4, 0, 4]


def test_the_history_shows_the_line_with_the_sweep(type_: TypeLine, tmp_path: Path) -> None:
    line = "sweep seed=1..2 | t2i a fox --steps 1 | grid | save sheet.png"
    assert type_(line, folder=tmp_path).status == 0
    assert type_("history", folder=tmp_path).out.rstrip().endswith(line)


NOT_PIPED = """\
error: `history` is a shell directive and cannot be part of a pipeline
  {}history
  {}^^^^^^^
  write it on a line of its own
"""


@pytest.mark.parametrize("before", ["sweep seed=1..4 | ", "t2i a fox --seed 1..4 | "])
def test_a_sweep_cannot_be_piped_into_a_directive(type_: TypeLine, before: str) -> None:
    done = type_(f"{before}history")
    assert (done.status, done.out, done.err) == (2, "", NOT_PIPED.format(before, " " * len(before)))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("history --limit 1..3", "error: `--limit` takes a number of at least 1, not `1..3`\n"),
        ("set steps 10,20", "error: `steps` takes a whole number, not `10,20`\n"),
    ],
)
def test_a_directive_does_not_accept_a_sweep(type_: TypeLine, line: str, text: str) -> None:
    done = type_(line)
    assert (done.status, done.out, done.err) == (2, "", text)


@pytest.mark.parametrize(
    ("line", "is_shown"),
    [
        ("dynamic 'a {red|blue} boat'", False),
        ("dynamic 'a {red|blue} boat' --count 1", False),
        ("dynamic 'a {red|blue} boat' --random", True),
        ("dynamic 'a {~red|blue} boat'", True),
        ("dynamic 'a {red|blue} boat' --random --seed 3", False),
    ],
)
def test_the_seed_of_a_template_is_shown_only_if_it_has_an_effect(type_: TypeLine, line: str, is_shown: bool) -> None:
    assert type_(line).err.startswith("seed ") == is_shown


def test_dynamic_says_that_the_folders_of_wildcards_are_not_used(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words/animal.txt").write_text("fox\n")
    done = type_("dynamic 'a {red|blue} boat' --wildcards words")
    assert (done.out, done.err) == (
        "a red boat\na blue boat\n",
        "warning: `dynamic`: `--wildcards` has no effect: the template contains no wildcard such as `__animal__`\n",
    )
    assert type_("dynamic 'a __animal__' --wildcards words").err == ""

"""Scripts planned as a whole: all errors at once, variables, nested scripts, `--from`, and the summary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., str]:
    def write(text: str, name: str = "night.inv") -> str:
        (tmp_path / name).write_text(text)
        return name

    return write


def test_all_errors_in_a_script_are_reported_before_it_runs(type_: TypeLine, script: Callable[..., str]) -> None:
    result = type_("run", script("add 1 2\nad 3 as b\nadd @b 4\nblur --radius x\nset stap 3\n| mul 2\n"))
    assert (result.status, result.out) == (2, "")
    places = [line.split(" error")[0] for line in result.err.splitlines() if " error: " in line]
    assert places == ["night.inv:2:1:", "night.inv:4:15:", "night.inv:5:1:"]


def test_a_dry_run_reports_lines_images_and_models(
    type_: TypeLine, script: Callable[..., str], isolated_home: Path, fox: Path
) -> None:
    text = "t2i a fox --model default\nload fox.png | blur 2 | save a.png\nload fox.png | blur 2\nadd 1 2\n"
    result = type_("run", script(text), "--dry-run")
    assert (result.status, result.out) == (0, "night.inv: 4 lines, 3 images, models: default\n")
    assert not list(isolated_home.rglob("*.sqlite"))
    document = type_("run", script(text), "--dry-run", "--json").document
    assert (document["schema"], document["images"], document["models"]) == ("script/1", 3, ["default"])
    assert type_("run", script("ad\n"), "--dry-run").status == 2


@pytest.mark.parametrize(
    ("text", "images", "items", "shown"),
    [
        ("t2i a fox --seed 1..300 | grid | save big.png\n", 1, 300, "1 line, 1 image from 300 items"),
        ("t2i a fox --seed 1..30 | grid\nload fox.png | blur 1,2\n", 3, 32, "2 lines, 3 images from 32 items"),
        ("t2i a fox --seed 1..300\n", 300, 300, "1 line, 300 images"),
    ],
)
def test_a_dry_run_counts_the_items_that_sheets_gather(
    type_: TypeLine, script: Callable[..., str], fox: Path, text: str, images: int, items: int, shown: str
) -> None:
    words = ("run", script(text), "--dry-run", "--yes")
    assert type_(*words).out == f"night.inv: {shown}, models: default\n"
    document = type_(*words, "--json").document
    assert (document["images"], document["items"]) == (images, items)


@pytest.mark.parametrize(
    ("text", "words", "out"),
    [
        ("let x = 3\nadd ${x} 2\n", (), "5\n"),
        ("let x=3\nadd ${x} 2\nlet x = 4\nadd ${x} 2\n", (), "5\n6\n"),
        ("let x = 3\nadd ${x} 2\n", ("--set", "x=10"), "12\n"),
        ("add ${x} 2\n", ("--set", "x=10"), "12\n"),
        ("let a = 2\nlet b = ${a}1\nadd ${b} ${a}\n", (), "23\n"),
        ("let a = '1 | mul 5'\nreplace x x \"<${a}>\"\n", (), "<1 | mul 5>\n"),
        ("let a = \"it's\"\nreplace '${a}' '{' ${a}\n", (), "$it'sa}\n"),
        ("let b = '|'\nreplace a a ${b}\n", (), "|\n"),
        ("let n = 2\nset step ${n}\nrange 0 4\n", (), "0\n2\n"),
        ("let a = ''\nreplace ab b ${a}\n", (), "a\n"),
        ("range 0 4\n", ("--set", "step=2"), "0\n2\n"),
    ],
)
def test_a_variable_is_inserted_as_a_value(
    type_: TypeLine, script: Callable[..., str], text: str, words: tuple[str, ...], out: str
) -> None:
    for result in (type_("run", script(text), *words), type_("-", *words, stdin=text)):
        assert (result.status, result.out) == (0, out), result.err


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (
            "let seed = 1\nadd ${sed} 2\n",
            (),
            "night.inv:2:5: error: there is no variable `sed`\n  add ${sed} 2\n      ^^^^",
        ),
        (
            "let seed = 1\nset step ${sed}\n",
            (),
            "night.inv:2:1: error: there is no variable `sed`\n  did you mean `seed`",
        ),
        ("${a} 1 2\n", ("--set", "a=add"), "night.inv:1:1: error: a variable stands for a value, not for a command"),
        ("let 1x = 2\n", (), "night.inv:1:1: error: `1x` is not a valid name"),
        ("let x\n", (), "night.inv:1:1: error: `let` takes NAME = VALUE"),
        (
            "let tone = 1\nadd ${tone} 1\n",
            ("--set", "tune=1"),
            "error: `tune` is neither a variable of the script nor an",
        ),
        ("let x = big\nadd ${x} 1\n", (), "night.inv:2:5: error: `a` takes"),
    ],
)
def test_the_error_for_an_unknown_variable_points_at_the_variable(
    type_: TypeLine, script: Callable[..., str], text: str, words: tuple[str, ...], message: str
) -> None:
    result = type_("run", script(text), *words)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith(message)


def test_the_session_records_a_line_with_the_values_of_its_variables(
    type_: TypeLine, script: Callable[..., str]
) -> None:
    type_("run", script("let x = 'a|b'\nreplace x x ${x}\n"))
    assert type_("history", "--json").document["lines"][-1]["line"] == 'replace x x "a|b"'


def test_a_cycle_of_scripts_is_reported_with_the_chain_of_names(type_: TypeLine, script: Callable[..., str]) -> None:
    script("run c.inv\n", "b.inv")
    script("add 1 2\nrun b.inv\n", "c.inv")
    result = type_("run", script("run b.inv\n"))
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("c.inv:2:1: error: `b.inv` runs itself: b.inv -> c.inv -> b.inv\n")


def test_an_inner_script_is_planned_together_with_the_outer_script(type_: TypeLine, script: Callable[..., str]) -> None:
    script("add ${x} 2 as sum\nexit\nad\n", "inner.inv")
    text = "let x = 5\nrun inner.inv\nadd @sum 1\n"
    assert type_("run", script(text)).out == "7\n8\n"
    assert type_("run", script(text), "--set", "x=1").out == "3\n4\n"
    script("add 1 x\n", "inner.inv")
    result = type_("run", script("add 1 2\nrun inner.inv\n"))
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("inner.inv:1:7: error")


@pytest.mark.parametrize(
    "line", ["run 'b c.inv'", 'run "b c.inv"', 'let f = b\nrun "${f} c.inv"', "run \\\n 'b c.inv'"]
)
def test_a_variable_of_an_inner_script_can_be_set_on_the_command_line(
    type_: TypeLine, script: Callable[..., str], line: str
) -> None:
    script("let x = 5\nadd ${x} 2\n", "b c.inv")
    assert type_("run", script(f"{line}\n"), "--set", "x=3").out == "5\n"


def test_starting_at_a_line_also_runs_the_earlier_lines_that_are_needed(
    type_: TypeLine, script: Callable[..., str]
) -> None:
    text = "let x = 2\nadd 1 ${x} as three\ndiv 1 0\nadd @three 1\nadd 5 5\n"
    result = type_("run", script(text), "--from", "4")
    assert (result.status, result.out) == (0, "4\n10\n")
    assert result.err.startswith("2 done, 0 failed, ")
    assert "takes a line number" in type_("run", script(text), "--from", "x").err


def test_the_summary_counts_lines_and_images(type_: TypeLine, script: Callable[..., str], tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "p.png")
    text = "load p.png | blur 2 | save a.png\nad\ndiv 1 0\nadd 1 2\n"
    result = type_("run", script(text), "--keep-going", "--json")
    assert result.status == 3
    summary = result.document["summary"]
    assert [summary[name] for name in ("lines", "done", "failed", "reused", "images_done")] == [4, 2, 2, 0, 1]
    (tmp_path / "a.png").unlink()
    result = type_("run", script(text), "--keep-going")
    assert result.err.splitlines()[-1].startswith("2 done, 2 failed, 1 of 1 image, 3 of 3 results cached, ")


def test_a_script_shows_a_bar_on_a_terminal_and_otherwise_a_line_every_ten_percent(
    type_: TypeLine, script: Callable[..., str]
) -> None:
    text = "add 1 2\n" * 20
    result = type_("run", script(text))
    assert [line.split(" (")[0] for line in result.err.splitlines()[:-1]] == [f"{tenth}0 %" for tenth in range(1, 11)]
    assert "(2 of 20 lines)" in result.err
    result = type_("run", script(text), "--overwrite", terminal=True)
    assert "line 2 of 20" in result.err
    assert "lines/s" in result.err


def test_a_file_on_standard_input_is_planned_as_a_whole(
    type_: TypeLine, script: Callable[..., str], tmp_path: Path
) -> None:
    from invokeai_cli.environment import Environment
    from invokeai_cli.sources import redirected

    with open(tmp_path / script("add 1 2\n")) as file:
        assert redirected(Environment(file, None, None, {}, "/"))
    result = type_("run", "-", "--dry-run", stdin="add 1 2\n")
    assert result.status == 2
    assert "needs a whole script" in result.err


def test_planning_the_last_line_takes_as_many_function_calls_as_planning_the_tenth(
    type_: TypeLine, script: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Count function calls, which do not depend on the load of the machine."""
    import sys

    from workflows.planning import plan_line as plan

    counts: list[int] = []
    calls = 0
    plain = plan.analyze_line

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += 1

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls = 0
        sys.setprofile(count)
        try:
            return plain(*arguments, **named)
        finally:
            sys.setprofile(None)
            counts.append(calls)

    monkeypatch.setattr(plan, "analyze_line", counted)
    assert type_("run", script("add 1 2 as first\n" + "add @-1 1\nadd @first 1\n" * 300), "--dry-run").status == 0
    early, late = sorted(counts[20:120])[50], sorted(counts[-100:])[50]
    assert late <= early * 1.1

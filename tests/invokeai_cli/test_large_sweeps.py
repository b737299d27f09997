"""A large sweep runs only if the user agrees: at the terminal, or with an option."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from invocations.storing.past_runs import PastRun
from tests.invokeai_cli.conftest import TypeLine

LINE = "add 1..300 2 | length"
REFUSED = """\
error: the sweep has 300 items
  add 1..300 2 | length
      ^^^^^^
  to run more than 256, add --yes or --max-items 300
"""


def test_without_a_terminal_a_large_sweep_is_refused(type_: TypeLine) -> None:
    done = type_(LINE)
    assert (done.status, done.out, done.err) == (2, "", REFUSED)


@pytest.mark.parametrize("words", [("--yes", LINE), (f"{LINE} --yes",), ("--max-items", "300", LINE)])
def test_options_let_a_large_sweep_run(type_: TypeLine, words: tuple[str, ...]) -> None:
    done = type_(*words)
    assert (done.status, done.out) == (0, "300\n")


def test_an_option_cannot_raise_the_limit_above_the_largest_sweep(type_: TypeLine) -> None:
    done = type_("--yes", "add 1..1000 1..1000 | length")
    assert done.status == 2
    assert "1000 x 1000 = 1000000 items, but at most 100000 are possible" in done.err


def test_a_script_with_a_large_sweep_is_refused_unless_yes_is_given(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "large.inv").write_text(f"{LINE}\n")
    done = type_("run", "large.inv", folder=tmp_path)
    assert (done.status, done.err.splitlines()[0]) == (2, "large.inv:1:5: error: the sweep has 300 items")
    assert type_("run", "large.inv", "--yes", folder=tmp_path).out == "300\n"


NOT_RUN = " the sweep was not run\n  `--max-items N` and `--yes` run a large sweep without asking\n"


@pytest.mark.parametrize(("answer", "status", "out"), [("y\n", 0, "300"), ("n\n", 2, ""), ("", 2, "")])
def test_a_user_at_a_terminal_is_asked_about_a_large_sweep(type_: TypeLine, answer: str, status: int, out: str) -> None:
    done = type_(LINE, stdin=answer, terminal=True)
    assert "the sweep has 300 items; run it? [y/N]" in done.err
    assert (done.status, done.out.strip()) == (status, out)
    assert done.err.endswith(NOT_RUN) == (status != 0)


def test_the_question_about_a_large_sweep_contains_the_estimated_time(
    type_: TypeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.estimate.latest_runs", lambda folder: [PastRun("add", "", (0, 0), 1, 0.4)])
    done = type_(LINE, stdin="n\n", terminal=True)
    assert "the sweep has 300 items and takes about 2 min; run it? [y/N]" in done.err


def test_explain_shows_a_large_sweep_without_asking(type_: TypeLine) -> None:
    assert type_("explain", LINE).status == 0


def test_directives_with_a_yes_option_of_their_own_still_accept_it(type_: TypeLine) -> None:
    assert type_("cache", "clear", "--yes").status == 0


COUNTED = "range 1 101 | add 1,2,3 | length"
TOO_LARGE = "error: the sweep has 300 items\n  to run more than 256, add --yes or --max-items 300\n"


@pytest.mark.parametrize(
    "line",
    [
        COUNTED,
        "range 1 101 | iterate as n | add 1,2,3 | length",
        "range 1 301 as n | add --a @n* --b 1 --no-link",
        "range 0 100 as n | add --a @n* --b 1,2,3 --no-link | mul 2",
    ],
)
def test_a_sweep_that_turns_out_too_large_while_it_runs_is_refused(type_: TypeLine, line: str) -> None:
    done = type_(line)
    assert (done.status, done.out, done.err) == (2, "", TOO_LARGE)


def test_no_item_of_a_refused_sweep_is_computed(type_: TypeLine) -> None:
    events = type_("--events", COUNTED).events
    assert [each["node_type"] for each in events if each["event"] == "node_finished"].count("add") == 0
    assert (events[-1]["status"], events[-1]["errors"][0]["code"]) == (2, "sweep_too_large")
    assert [each["items"] for each in events if each["event"] == "session_cancelled"] == [300]


@pytest.mark.parametrize("words", [("--yes", COUNTED), (f"{COUNTED} --max-items 300",)])
def test_options_allow_a_large_sweep_that_is_counted_while_it_runs(type_: TypeLine, words: tuple[str, ...]) -> None:
    done = type_(*words)
    assert (done.status, done.out, done.err) == (0, "300\n", "")


def test_a_sweep_that_is_counted_while_it_runs_cannot_exceed_the_largest_possible_size(type_: TypeLine) -> None:
    done = type_("--yes", "range 1 1002 | add 1..100 | length")
    assert (done.status, done.err) == (
        2,
        "error: the sweep has 100100 items, but at most 100000 are possible\n  use fewer values\n",
    )


@pytest.mark.parametrize(("answer", "status", "out"), [("y\n", 0, "300"), ("n\n", 2, ""), ("", 2, "")])
def test_at_a_terminal_the_user_is_asked_once_the_items_are_counted(
    type_: TypeLine, answer: str, status: int, out: str
) -> None:
    done = type_(COUNTED, stdin=answer, terminal=True)
    assert done.err.count("the sweep has 300 items; run it? [y/N]") == 1
    assert (done.status, done.out.strip()) == (status, out)
    assert done.err.endswith(NOT_RUN) == (status != 0)
    assert type_("session", "resume").out == ("" if status == 0 else "300\n")


@pytest.mark.parametrize(
    "line",
    [
        "range 1 301 | add 1 | length",
        "range 1 301 | iterate | add 1 | collect | length",
        "range 1 86 | add 1,2,3 | length",
    ],
)
def test_a_loop_over_a_piped_list_and_a_small_sweep_run_without_asking(type_: TypeLine, line: str) -> None:
    assert type_(line).status == 0


def test_files_and_lines_of_a_file_are_counted_while_the_line_runs(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        Image.new("L", (8, 8)).save(tmp_path / f"in/{number}.png")
    (tmp_path / "p.txt").write_text("a\nb\nc\n")
    for line in ("blur 'in/*.png' 1,2", "load-lines p.txt as p | replace @p* --old x --new y --new z"):
        done = type_("--max-items", "5", line)
        assert (done.status, done.out) == (2, "")
        assert done.err.endswith("error: the sweep has 6 items\n  to run more than 5, add --yes or --max-items 6\n")
        assert len(type_("--max-items", "6", line).out.splitlines()) == 6


def test_a_line_of_a_script_is_refused_once_its_sweep_is_counted(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "large.inv").write_text(f"add 1 2\n{COUNTED}\nadd 3 4\n")
    done = type_("run", "large.inv")
    assert (done.status, done.out) == (2, "3\n")
    assert done.err.startswith(f"large.inv:2:1: {TOO_LARGE}")
    assert type_("run", "large.inv", "--resume").status == 2
    assert (again := type_("run", "large.inv", "--keep-going")).status == 3
    assert again.out == "3\n7\n"
    done = type_("run", "large.inv", "--yes")
    assert (done.status, done.out) == (0, "3\n300\n7\n")

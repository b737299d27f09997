"""A large sweep runs only if the user agrees: at the terminal, or with an option."""

from __future__ import annotations

from pathlib import Path

import pytest

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


def test_a_script_is_refused_and_runs_with_yes(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "large.inv").write_text(f"{LINE}\n")
    done = type_("run", "large.inv", folder=tmp_path)
    assert (done.status, done.err.splitlines()[0]) == (2, "large.inv:1:5: error: the sweep has 300 items")
    assert type_("run", "large.inv", "--yes", folder=tmp_path).out == "300\n"


@pytest.mark.parametrize(("answer", "status", "out"), [("y\n", 0, "300"), ("n\n", 2, ""), ("", 2, "")])
def test_at_a_terminal_the_user_is_asked(type_: TypeLine, answer: str, status: int, out: str) -> None:
    done = type_(LINE, stdin=answer, terminal=True)
    assert "the sweep has 300 items; run it? [y/N]" in done.err
    assert (done.status, done.out.strip()) == (status, out)


def test_explain_shows_a_large_sweep_without_asking(type_: TypeLine) -> None:
    assert type_("explain", LINE).status == 0


def test_directives_keep_their_own_yes(type_: TypeLine) -> None:
    assert type_("cache", "clear", "--yes").status == 0

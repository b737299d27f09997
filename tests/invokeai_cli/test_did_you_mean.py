"""The intended word is suggested for a typing error in a command, directive, option, variable or value."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine

BAD = """let what = 3
ad 1 2
add ${whta} 1
t2i a --scheduler eulr_a
t2i a f | blurr | save p2.png
add 5 5
"""


@pytest.mark.parametrize(
    ("line", "guess"),
    [
        ("exlpain add 1 2", "`explain`"),
        ("sesions", "`sessions`"),
        ("t2i a --stesp 3", "`--steps`"),
        ("t2i a --scheduler eulr_a", "`euler_a`"),
        ("let what = 3\nadd ${whta} 1", "`what`"),
    ],
)
def test_the_intended_word_is_suggested_for_a_typing_error(type_: TypeLine, line: str, guess: str) -> None:
    result = type_("-", stdin=line)
    assert (result.status, result.out) == (2, "")
    assert f"  did you mean {guess}" in result.err


def test_all_four_errors_in_a_script_are_reported_at_once_and_nothing_runs(
    type_: TypeLine, tmp_path: Path, isolated_home: Path
) -> None:
    (tmp_path / "bad.inv").write_text(BAD)
    result = type_("run", "bad.inv")
    assert (result.status, result.out) == (2, "")
    errors = [line for line in result.err.splitlines() if " error: " in line]
    assert [error.split(" ")[0] for error in errors] == [
        "bad.inv:2:1:",
        "bad.inv:3:5:",
        "bad.inv:4:19:",
        "bad.inv:5:11:",
    ]
    assert result.err.count("did you mean ") == 4
    assert [path.name for path in tmp_path.iterdir()] == ["bad.inv"]
    assert not list(isolated_home.rglob("*.sqlite"))

"""`--max-time` is an option of scripts, and takes durations as people write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.invokeai_cli.conftest import TypeLine


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("90", "write the unit: 90s, 90m or 90h"),
        ("1:30", "write the units: 1h30m or 1m30s"),
        ("1h30", "write the unit of each number: 1h30m"),
        ("0", "for example 30m, 2h or 1h30m"),
    ],
)
def test_a_wrong_duration_is_refused_before_anything_runs(
    type_: TypeLine, night: Callable[[str], str], text: str, hint: str
) -> None:
    result = type_("run", night("load p.png | blur 2 | save a.png\n"), "--max-time", text)
    assert result.status == 2
    assert result.err == f"error: `--max-time` takes a duration above 0, not `{text}`\n  {hint}\n"


@pytest.mark.parametrize("text", ["2h", "1h30m", "90 min", "1 hour 30 minutes"])
def test_a_duration_may_have_units_in_words(type_: TypeLine, night: Callable[[str], str], text: str) -> None:
    assert type_("run", night("add 1 2\n"), "--max-time", text).out == "3\n"


@pytest.mark.parametrize(
    "words", ["t2i a fox --max-time 2h", "session resume latest --max-time 2h", "--max-time 2h t2i a fox"]
)
def test_the_error_for_a_limit_on_anything_but_a_script_names_the_command_for_scripts(
    type_: TypeLine, words: str
) -> None:
    result = type_(*words.split())
    assert result.status == 2
    assert "a script can be limited: run FILE --max-time 2h --max-images 500" in result.err

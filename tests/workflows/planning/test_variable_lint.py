"""`$name` in a string is text, and a warning says how to write a variable."""

from __future__ import annotations

import pytest

from tests.workflows.planning.cook import Cook
from workflows.planning.variable_lint import lint_variables


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("t2i a $what", ["what"]),
        ("t2i a $what and $_b $what", ["what", "_b"]),
        ('t2i "a $what-ever"', ["what"]),
        ("load cat.png | save $out.png", ["out"]),
        ("load cat.png | save a-$out.png", ["out"]),
        ("t2i a ${what}", []),
        ("t2i 'a $what'", []),
        ("t2i a $20 note, $ and $$ and US$", []),
        ("t2i a fox  # $what", []),
        ("add 1 2", []),
    ],
)
def test_a_dollar_sign_before_a_name_causes_a_warning(cook: Cook, line: str, names: list[str]) -> None:
    expected = [f"`${name}` is text; the variable is written `${{{name}}}`" for name in names]
    assert list(lint_variables(cook(line))) == expected

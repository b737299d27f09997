"""`$name` is text, as is `${name}` if the variable is not set; a warning explains how to write a variable."""

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
        ("t2i 'a $what'", []),
        ("t2i a $20 note, $ and $$ and US$", []),
        ("t2i a fox  # $what", []),
        ('t2i "a {2$$red|blue}"', []),
        ('t2i "a {2$$ and $$red|blue} $what"', ["what"]),
        ("add 1 2", []),
    ],
)
def test_a_dollar_sign_before_a_name_causes_a_warning(cook: Cook, line: str, names: list[str]) -> None:
    expected = [f"`${name}` is read as text; to use the variable, write `${{{name}}}`" for name in names]
    assert list(lint_variables(cook(line))) == expected


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("t2i a ${what} and ${b} ${what}", ["what", "b"]),
        ("load cat.png | save ${out}.png", ["out"]),
        ("t2i 'a ${what}'", []),
        ("t2i a ${} and ${1 {x}", []),
        ('t2i "a ${c={red|blue}} boat ${c}"', []),
        ('t2i "a ${c={red|blue}} boat ${d}"', ["d"]),
        ("t2i a fox  # ${what}", []),
    ],
)
def test_a_variable_that_is_not_set_causes_a_warning(cook: Cook, line: str, names: list[str]) -> None:
    kind = "is read as text; to make it a variable: `let {0} = VALUE` in a script or at the interactive prompt"
    assert list(lint_variables(cook(line))) == [f"`${{{name}}}` {kind.format(name)}" for name in names]

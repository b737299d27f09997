"""`${name}`: when it is a variable, and when it is plain text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language.script import words_of
from invocations.language.source import Source
from invocations.language.variables import substitute, used_names, uses


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("${a}", ["a"]),
        ("x${a}y${b-1}${_c}", ["a", "b-1", "_c"]),
        ("${", []),
        ("${}", []),
        ("${1}", []),
        ("${a b}", []),
        ("${a", []),
        ("$a {a} $ {a}", []),
        ("${${a}}", ["a"]),
        ("$${a}", ["a"]),
        ("${é}", []),
        ("${aé}", ["aé"]),
    ],
)
def test_a_name_in_braces_after_a_dollar_sign_refers_to_a_variable(text: str, names: list[str]) -> None:
    assert [use.name for use in uses(text)] == names
    assert all(text[use.start : use.end] == use.text for use in uses(text))


def test_variables_in_the_value_of_a_variable_are_not_expanded() -> None:
    assert substitute("<${a}${b}>", {"a": "${b}", "b": "2"}.__getitem__) == "<${b}2>"


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("add ${x} 1", {"x"}),
        ('add "a ${x}" --b=${y} --c="${z}"', {"x", "y", "z"}),
        ("add '${x}' 1", set()),
        ("add 1 2  # ${x}", set()),
        ("add 1 2 | # ${x}", set()),
        ("# ${x}", set()),
        ('add "${x}', {"x"}),
        ("add 1 \\\n ${x}", {"x"}),
        ("add ${a}|mul ${b}", {"a", "b"}),
    ],
)
def test_a_line_uses_only_the_variables_outside_single_quotes_and_comments(line: str, names: set[str]) -> None:
    assert used_names(Source(None, line)) == names


@given(st.text(alphabet="${}ab1_- é", max_size=20))
def test_the_variables_found_match_those_that_a_regular_expression_finds(text: str) -> None:
    pattern = re.compile(r"\$\{([A-Za-z_][\w-]*)\}")
    assert [(use.name, use.start) for use in uses(text)] == [(m[1], m.start()) for m in pattern.finditer(text)]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ('t2i "it\'s ${a} and \\${b}"', {"a"}),
        ("t2i \"\\${a}\" ${b} '${c}'", {"b"}),
        ('t2i "\\\\${a}"', {"a"}),
        ('let x = "\\${a}${b}"', {"b"}),
    ],
)
def test_a_dollar_sign_after_a_backslash_in_double_quotes_is_plain_text(line: str, names: set[str]) -> None:
    assert used_names(Source(None, line)) == names


def test_a_dollar_sign_after_a_backslash_is_not_expanded_in_the_words_of_a_directive() -> None:
    source = Source(None, 'let x = "\\${a} ${b}"')
    assert words_of(source, lambda text: text.replace("${a}", "A").replace("${b}", "B")) == ["let", "x", "=", "${a} B"]

"""Directives in a script: how they are recognized, and what they change for the lines that follow."""

from __future__ import annotations

import pytest

from invocations.catalog.snapshot import built_in
from invocations.language.source import Source
from workflows.memory import Memory
from workflows.problems import UsageError
from workflows.reserved import ReservedWords
from workflows.scripts.statements import apply_statement, as_directive, default_of

RESERVED = ReservedWords(
    {"set": "", "explain": "", "cache": ""}, lines=(("explain",), ("cache", "why")), aliases=frozenset({"old"})
)


@pytest.mark.parametrize(
    ("text", "words", "own"),
    [
        ("set steps 3", ["set", "steps", "3"], "set"),
        ("  set 'a b'", ["set", "a b"], "  set"),
        ("explain add 1 2", ["explain", "add", "1", "2"], "explain"),
        ("cache why add 1 2", ["cache", "why", "add", "1", "2"], "cache why"),
        ("old x", ["old", "x"], "old"),
    ],
)
def test_the_leading_words_of_a_directive_are_replaced_by_spaces_in_the_line(
    text: str, words: list[str], own: str
) -> None:
    found = as_directive(Source(None, text), RESERVED)
    assert found is not None
    assert (found[0], found[1].text) == (words, " " * len(own) + text[len(own) :])


@pytest.mark.parametrize("text", ["add 1 2", "'set' steps 3", "", "# set"])
def test_a_line_of_commands_is_not_a_directive(text: str) -> None:
    assert as_directive(Source(None, text), RESERVED) is None


def test_variables_are_replaced_in_words_but_not_in_single_quotes() -> None:
    found = as_directive(Source("x", "set ${a} '${a}'"), RESERVED, lambda text: text.replace("${a}", "steps"))
    assert found is not None
    assert found[0] == ["set", "steps", "${a}"]


def test_let_set_and_unset_affect_the_lines_that_follow() -> None:
    memory = Memory()
    for line in ("let what = red boat", "set steps 3", "default width 64", "unset steps", "help x"):
        assert apply_statement(line.split(), memory, built_in())
    assert memory.variables.get("what") == "red boat"
    assert dict(memory.defaults) == {"width": "64"}


def test_exit_ends_a_script() -> None:
    assert not apply_statement(["exit"], Memory(), built_in())


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", None),
        ("--save", None),
        ("steps 30", ("steps", "30")),
        ("steps=30", ("steps", "30")),
        ("t2i.steps 30 --save", ("t2i.steps", "30")),
        ("negative a tree", ("negative", "a tree")),
    ],
)
def test_set_takes_an_input_and_its_value(words: str, found: tuple[str, str] | None) -> None:
    assert default_of(words.split(), built_in()) == found


@pytest.mark.parametrize("words", ["steps", "nosuch 3", "--all 3"])
def test_a_default_without_an_input_or_a_value_is_refused(words: str) -> None:
    with pytest.raises(UsageError):
        default_of(words.split(), built_in())

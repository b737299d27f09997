"""The words that a shell passes are joined into a line in which each word is still one word."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language import Option, Positional, Reference, Refusal, Source, Word, parse, parse_words, print_tree

LINES = [
    (["t2i", "a", "red", "fox", "--steps", "20"], "t2i a red fox --steps 20"),
    (["t2i", "a", "fox", "|", "upscale", "4"], "t2i a fox | upscale 4"),
    (["|", "save"], "| save"),
    (["t2i a fox | save 'b c'"], "t2i a fox | save 'b c'"),
    (["add 1"], "add 1"),
    (["a|b"], "a|b"),
    (["nodes"], "nodes"),
    (["t2i", "a fox | b"], 't2i "a fox | b"'),
    (["t2i", "a fox", "b|c"], 't2i "a fox" "b|c"'),
    (["t2i", "--prompt=a fox"], 't2i --prompt="a fox"'),
    (["join", "--separator=|", "-s|", "-s="], 'join --separator="|" -s="|" -s='),
    (["t2i", "fox's", "'tis", '"so"'], "t2i fox's \"'tis\" '\"so\"'"),
    (["pad", "#ff8800", "#", "# no comment"], 'pad #ff8800 "#" "# no comment"'),
    (["i2i", "@fox.image", "--mask=@m", "@ x"], 'i2i @fox.image --mask=@m "@ x"'),
    (["load", "C:\\pics\\"], "load 'C:\\pics\\'"),
    (["x", ""], 'x ""'),
    (["x", "--a="], "x --a="),
    (["x", "-5", "-", "-n5", "-n", "-n=5"], "x -5 - -n=5 -n -n=5"),
    (["x", "two\nlines"], 'x "two\\nlines"'),
    (["x", "-- a dash", "- b", "-c d"], 'x "-- a dash" "- b" "-c d"'),
    (["t2i", "a", "as", "fox"], "t2i a as fox"),
    (["t2i", "--", "as", "fox", "|", "x", "--y"], 't2i -- "as" fox | x --y'),
]


@pytest.mark.parametrize(("words", "line"), LINES)
def test_words_are_joined_into_a_line(words: list[str], line: str) -> None:
    source, tree = parse_words(words)
    assert source == Source(None, line)
    assert parse(source) == tree


def test_an_empty_command_line_has_no_stages() -> None:
    assert parse_words([])[1].stages == ()


def test_an_empty_word_is_not_a_command() -> None:
    with pytest.raises(Refusal) as caught:
        parse_words([""])
    assert caught.value.errors[0].code == "not_a_command"


@pytest.mark.parametrize("words", [["a", "--5"], ["a", "@"], ["a", "|"], ["|"], ["a", "|", "|", "b"], ["a", "as"]])
def test_an_invalid_word_is_refused_with_a_caret_that_marks_it(words: list[str]) -> None:
    with pytest.raises(Refusal) as caught:
        parse_words(words)
    assert "^" in str(caught.value)


SAFE = st.text().filter(lambda text: text not in ("|", "as") and text[:1] not in ("-", "@"))


@given(st.lists(SAFE, min_size=1))
def test_every_word_passed_by_the_shell_remains_one_word(texts: list[str]) -> None:
    _, tree = parse_words(["x", *texts])
    assert [a.value.text for a in tree.stages[0].arguments if isinstance(a.value, Word)] == texts


@given(st.text())
def test_every_value_attached_to_an_option_remains_one_word(text: str) -> None:
    _, tree = parse_words(["x", f"--a=.{text}"])
    (argument,) = tree.stages[0].arguments
    assert isinstance(argument, Option)
    assert isinstance(argument.value, Word)
    assert argument.value.text == f".{text}"


@given(st.lists(st.text(alphabet="ab-=@|.# '\"\\\n1")))
def test_any_words_are_parsed_or_refused_without_a_crash(words: list[str]) -> None:
    with suppress(Refusal):
        source, tree = parse_words(words)
        assert parse(source) == tree == parse(Source(None, print_tree(tree)))


@pytest.mark.parametrize("text", ["1..8", "4x", "10,20", "2..12?6", "0..1:.1", "seed=1..4", "@p*", "@-1.image*"])
def test_a_word_that_stands_for_several_values_needs_no_quotes(text: str) -> None:
    source, tree = parse_words(["x", text, f"--a={text}", "--b", text])
    assert source.text == f"x {text} --a={text} --b {text}"
    assert parse(Source(None, print_tree(tree))) == tree


def test_words_may_contain_references() -> None:
    _, tree = parse_words(["save", "@-1"])
    assert tree.stages[0].arguments == (Positional(Reference(-1)),)

"""A tree is printed as text, and parsing this text returns the same tree."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from invocations.language import (
    Argument,
    Option,
    Pipeline,
    Positional,
    Reference,
    Refusal,
    Stage,
    Word,
    as_word,
    print_tree,
    print_value,
)
from tests.invocations.language.trees import tree

SYNTAX = "ab1*,'\"\\|#@-=.${} \n\t\r\u00a0é狐\x00\ufeff"
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,5}", fullmatch=True)
TEXTS = st.text(max_size=8) | st.text(alphabet=SYNTAX, max_size=8)
BARE = TEXTS.map(as_word).filter(lambda word: not word.quote and word.text != "as")
LITERAL = st.builds(  # a `$` that begins no variable, between other characters
    lambda before, after: Word(f"{before}$" + after, '"', literals=(len(before),)), TEXTS, TEXTS
)
QUOTED = LITERAL | TEXTS.map(lambda text: Word(text, '"')) | TEXTS.map(lambda text: Word(text.replace("'", ""), "'"))
REFERENCES = st.builds(Reference, NAMES | st.integers(-99, 99), st.none() | NAMES, each=st.booleans())
EACH = st.lists(  # words such as `1..8:2,4x,-.5`, which stand for several values
    st.from_regex(r"[A-Za-z0-9.+][A-Za-z0-9.+-]{0,3}(\.\.-?[0-9.]{1,3}[:/?]?[0-9.-]{0,3})?", fullmatch=True), min_size=2
).map(lambda items: Word(",".join(items)))
VALUES = BARE | EACH | QUOTED | REFERENCES
DOTTED = st.builds("{}.{}".format, NAMES, NAMES | st.integers(0, 99).map(str))  # an option of a recipe's stage
OPTION_NAMES = NAMES.filter(lambda name: name != "as") | DOTTED  # `--as NAME` names the stage
FLAGS = st.builds(Option, OPTION_NAMES.filter(lambda name: len(name) > 1)) | st.builds(
    Option, st.sampled_from("abXY"), short=st.just(True)
)
GLUED = st.builds(Option, OPTION_NAMES, VALUES | st.just(Word("")), st.just(True))
ARGUMENTS: st.SearchStrategy[Argument] = FLAGS | GLUED | st.builds(Positional, VALUES)
COMMANDS = BARE.filter(lambda word: word.text[0] not in "-#")


@st.composite
def stages(draw: st.DrawFn) -> Stage:
    arguments = tuple(draw(st.lists(ARGUMENTS, max_size=4)))
    if draw(st.booleans()):
        return Stage(draw(COMMANDS), arguments, draw(st.none() | NAMES))
    later = tuple(draw(st.lists(st.builds(Positional, VALUES), max_size=3)))
    return Stage(draw(COMMANDS), arguments + later, None, len(arguments))


PIPELINES = st.builds(Pipeline, st.lists(stages(), min_size=1, max_size=3).map(tuple), st.booleans())


@given(PIPELINES)
def test_parsing_a_printed_tree_returns_the_tree(pipeline: Pipeline) -> None:
    assert tree(print_tree(pipeline)) == pipeline


@given(st.text(alphabet=SYNTAX) | st.text())
@example("load C:\\pics\\ # a comment")
@example("x -- as fox")
@example("a #|b")
@example("1 #\\\n")
@example("|\\\n#\\\n")
@example("x \\ y")
@example("\\\n#x")
@example("| \ufeffx")
@example("x --a=# -b'c' --")
def test_printing_a_parsed_line_and_parsing_it_again_returns_the_same_tree(line: str) -> None:
    try:
        first = tree(line)
    except Refusal:
        return
    assert tree(print_tree(first)) == first


@given(TEXTS)
def test_any_string_can_be_written_as_a_word(text: str) -> None:
    (argument,) = tree(f"x {print_value(as_word(text))}").stages[0].arguments
    assert isinstance(argument.value, Word)
    assert argument.value.text == text


WRITTEN = [
    ("fox", "fox"),
    ("fox's", "fox's"),
    ("a red fox", '"a red fox"'),
    ('say "hi" now', "'say \"hi\" now'"),
    ("C:\\my dir", "'C:\\my dir'"),
    ('\'tis "so"', '"\'tis \\"so\\""'),
    ("two\nlines", '"two\\nlines"'),
    ("", '""'),
    ("@fox", '"@fox"'),
    ("--x", '"--x"'),
    ("-5", "-5"),
    ("#", '"#"'),
    ("#fff", "#fff"),
    ("a|b", '"a|b"'),
    ("as", '"as"'),
]


@pytest.mark.parametrize(("text", "written"), WRITTEN)
def test_a_string_is_quoted_only_if_necessary(text: str, written: str) -> None:
    assert print_value(as_word(text)) == written


PRINTED = [
    ("a|b   'c'  #d", "a | b 'c' #d"),
    ("|save   # keep", "| save"),
    ("a -n5 --x=  as  b", "a -n=5 --x= as b"),
    ("a \"\\t\" '\\t'", "a \"\\t\" '\\t'"),
    ("a @3.image -- --x", "a @3.image -- --x"),
    ("a @p* --b=@-1.image* @3*", "a @p* --b=@-1.image* @3*"),
    ("a 1..8 4x --b=10,20,30", "a 1..8 4x --b=10,20,30"),
    ("# nothing", ""),
    ("a b  --as  x --n 1", "a --as x b --n 1"),
    ("a --as=x b as y", "a --as x b as y"),
    ("a --as x -- --b", "a --as x -- --b"),
]


@pytest.mark.parametrize(("line", "printed"), PRINTED)
def test_a_line_is_printed_in_normalized_form_with_single_spaces(line: str, printed: str) -> None:
    assert print_tree(tree(line)) == printed


def test_words_that_would_be_split_are_quoted_when_printed() -> None:
    stage = Stage(Word("x"), (Positional(Word("a b")), Positional(Word("as")), Positional(Word("fox"))))
    assert print_tree(Pipeline((stage,))) == 'x "a b" "as" fox'
    assert print_tree(Pipeline((Stage(Word("x"), (Positional(Word("a'b", "'")),)),))) == 'x "a\'b"'


def test_a_value_attached_to_an_option_is_printed_with_the_option() -> None:
    stage = Stage(Word("x"), (Option("scale", Word("4")), Option("n", Word("a b"), short=True)))
    assert print_tree(Pipeline((stage,))) == 'x --scale 4 -n "a b"'


def test_a_named_stage_is_printed_with_quoted_words_instead_of_two_dashes() -> None:
    stage = Stage(Word("x"), (Positional(Word("--y")),), "fox", end_of_options=0)
    assert print_tree(Pipeline((stage,))) == 'x "--y" as fox'


def test_a_literal_dollar_sign_in_a_string_with_an_apostrophe_is_printed_with_a_backslash() -> None:
    text = "it's ${x} and ${y}"
    assert print_value(Word(text, "'")) == '"it\'s \\${x} and \\${y}"'
    assert print_value(Word(text, '"')) == '"it\'s ${x} and ${y}"'
    assert print_value(Word(text, '"', literals=(14,))) == '"it\'s ${x} and \\${y}"'
